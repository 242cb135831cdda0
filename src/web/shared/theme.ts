import type { ThemeConfig } from 'antd';

/** One look for every page. Fonts are the system's own: nothing is fetched from elsewhere. */
export const theme: ThemeConfig = {
  cssVar: { key: 'hotline' },
  hashed: false,
  token: {
    colorPrimary: '#1554ad',
    colorSuccess: '#16884a',
    colorWarning: '#c76a00',
    colorError: '#c8282d',
    colorInfo: '#1554ad',
    colorTextBase: '#1c2530',
    colorBgLayout: '#eef1f5',
    borderRadius: 6,
    fontSize: 14,
    fontFamily:
      "system-ui, -apple-system, 'PingFang SC', 'Microsoft YaHei UI', 'Microsoft YaHei', 'Noto Sans CJK SC', 'WenQuanYi Micro Hei', sans-serif",
  },
  components: {
    Card: { headerHeight: 40, headerHeightSM: 36, bodyPaddingSM: 12 },
    Form: { itemMarginBottom: 12, verticalLabelPadding: '0 0 4px' },
    Table: { cellPaddingBlockSM: 6, cellPaddingInlineSM: 8, headerBg: '#f4f6f9' },
  },
};
