import { z } from 'zod';
import type { CarriedMessage, Outcome } from './message-carrier';
import { templateOf } from './message-template';
import type { Receipt } from './outgoing.store';

/** Alibaba Cloud's SMS service (Dysmsapi 2017-05-25): what its answers mean and what it wants to be told. Pure. */

/** Refusals that another attempt cannot heal without somebody changing something; all other codes are tried again. */
const PERMANENT: Record<string, string> = {
  'isv.MOBILE_NUMBER_ILLEGAL': '手机号码不合法',
  'isv.MOBILE_COUNT_OVER_LIMIT': '号码数量超限',
  'isv.DOMESTIC_NUMBER_NOT_SUPPORTED': '模板不支持境内号码',
  'isv.SMS_TEMPLATE_ILLEGAL': '短信模板不存在或未审核通过',
  'isv.SMS_SIGNATURE_ILLEGAL': '短信签名不存在或未审核通过',
  'isv.SMS_SIGN_ILLEGAL': '短信签名被禁用',
  'isv.SMS_SIGNATURE_SCENE_ILLEGAL': '签名与模板类型不一致',
  'isv.TEMPLATE_MISSING_PARAMETERS': '服务商模板的变量与本模板不一致',
  'isv.INVALID_PARAMETERS': '参数不合法',
  'isv.INVALID_JSON_PARAM': '变量格式不合法',
  'isv.PARAM_LENGTH_LIMIT': '变量超长',
  'isv.PARAM_NOT_SUPPORT_URL': '变量不支持链接',
  'isv.BLACK_KEY_CONTROL_LIMIT': '变量含有被禁止的内容',
  'isv.SMS_CONTENT_ILLEGAL': '短信含有被禁止的内容',
  'isv.EXTEND_CODE_ERROR': '扩展码使用错误',
  'isv.ACCOUNT_NOT_EXISTS': '服务商账户不存在',
  'isv.ACCOUNT_ABNORMAL': '服务商账户异常',
  'isv.PRODUCT_UN_SUBSCRIPT': '未开通短信服务',
  'isv.PRODUCT_UNSUBSCRIBE': '未开通短信服务',
  'isv.DENY_IP_RANGE': '本机地址被服务商禁用',
  'isp.RAM_PERMISSION_DENY': '访问密钥没有发送权限',
  SignatureDoesNotMatch: '访问密钥有误',
  IncompleteSignature: '访问密钥有误',
  'InvalidAccessKeyId.NotFound': '访问密钥不存在',
  'InvalidAccessKeyId.Inactive': '访问密钥已停用',
};

const AGAIN: Record<string, string> = {
  'isv.BUSINESS_LIMIT_CONTROL': '该号码短时间内短信过多',
  'isv.DAY_LIMIT_CONTROL': '已达日发送限额',
  'isv.MONTH_LIMIT_CONTROL': '已达月发送限额',
  'isv.OUT_OF_SERVICE': '账户余额不足，服务停用',
  'isv.AMOUNT_NOT_ENOUGH': '账户余额不足',
  'isp.SYSTEM_ERROR': '服务商系统错误',
  'Throttling.User': '请求过于频繁',
};

const answer = z.object({ Code: z.string(), Message: z.string().optional(), BizId: z.string().optional() });

/** What an answer of SendSms means. Business refusals come with 200, those of the gateway with 4xx or 5xx. */
export function readSendAnswer(status: number, body: unknown): Outcome {
  const parsed = answer.safeParse(body);
  if (!parsed.success) return { kind: 'unsure', words: `服务商应答无法识别（HTTP ${status}）` };
  const { Code, Message = '', BizId = null } = parsed.data;
  if (Code === 'OK') return { kind: 'taken', providerId: BizId };
  const words = `${PERMANENT[Code] ?? AGAIN[Code] ?? Message.slice(0, 100)}（${Code.slice(0, 60)}）`;
  // The request was there before, or the service broke while it had it.
  if (status >= 500 || Code === 'SignatureNonceUsed') return { kind: 'unsure', words };
  return { kind: 'refused', again: !(Code in PERMANENT), words };
}

/**
 * The variables as the provider takes them: JSON of texts. Addresses are not allowed in variables, so a link is only what
 * follows its last slash; its beginning stands in the approved template.
 */
export function templateVariables({ template, params }: CarriedMessage): string {
  const declared = templateOf(template).params;
  return JSON.stringify(
    Object.fromEntries(
      Object.entries(params).map(([name, value]) => [
        name,
        declared[name]?.link ? (value.split('/').at(-1) ?? '') : value,
      ]),
    ),
  );
}

const details = z.object({
  Code: z.literal('OK'),
  SmsSendDetailDTOs: z.object({
    SmsSendDetailDTO: z.array(z.object({ OutId: z.string().optional(), SendStatus: z.number() })),
  }),
});
const FAILED = 2;

/** Whether QuerySendDetails knows a message of our serial number that has not failed. Throws for any other answer. */
export function knowsMessage(body: unknown, messageId: string): boolean {
  return details
    .parse(body)
    .SmsSendDetailDTOs.SmsSendDetailDTO.some(
      ({ OutId, SendStatus }) => OutId === messageId && SendStatus !== FAILED,
    );
}

/** What the provider posts when messages have arrived, or not (SmsReport): several at once. */
export const receiptsBody = z
  .array(
    z.object({
      out_id: z.string().max(100).optional(),
      biz_id: z.string().max(100),
      success: z.boolean(),
      err_code: z.string().max(100).default(''),
      err_msg: z.string().max(300).default(''),
    }),
  )
  .max(1000);

export function readReceipts(body: z.output<typeof receiptsBody>): Receipt[] {
  return body.flatMap(({ out_id, biz_id, success, err_code, err_msg }) =>
    out_id
      ? [
          {
            messageId: out_id,
            providerId: biz_id,
            fault: success ? null : `未送达：${err_msg}（${err_code}）`,
          },
        ]
      : [],
  );
}
