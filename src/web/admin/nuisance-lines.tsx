import { Alert, Modal, Select } from 'antd';
import { useState } from 'react';
import type { Line } from '../../lines/line';
import { api } from '../shared/api';
import { useSession } from '../shared/session';
import { ResourceView } from '../shared/states';
import { useAction } from '../shared/use-action';
import { useResource } from '../shared/use-resource';

/** The lines on which nobody is ever blocked. */
export function NuisanceLines({ onClose }: { onClose: () => void }) {
  const session = useSession();
  const [chosen, setChosen] = useState<string[] | null>(null);
  const action = useAction();
  const loaded = useResource(
    async (signal) => ({
      lines: (await api.get<{ lines: Line[] }>('/lines', { signal })).lines,
      open: (await api.get<{ lineIds: string[] }>('/nuisance/open-lines', { signal })).lineIds,
    }),
    [],
  );
  const mayDecide = session.may('nuisance.decide');
  const save = async () => {
    const body = { lineIds: chosen ?? loaded.data?.open ?? [] };
    if (await action.run(() => api.put('/nuisance/open-lines', body), '已保存，下一个来电即生效')) onClose();
  };
  return (
    <Modal
      open
      title="不拦截来电的热线"
      okText="保存"
      okButtonProps={{ disabled: !mayDecide || chosen === null }}
      confirmLoading={action.busy}
      onOk={() => void save()}
      onCancel={onClose}
    >
      <Alert
        type="info"
        style={{ marginBottom: 12 }}
        title="拨打这些热线的来电一律接通，名单中的号码只提示坐席。应包括受理紧急事项的热线。"
      />
      <ResourceView resource={loaded}>
        {({ lines, open }) => (
          <Select
            mode="multiple"
            style={{ width: '100%' }}
            aria-label="热线"
            disabled={!mayDecide}
            showSearch={{ optionFilterProp: 'label' }}
            value={chosen ?? open}
            onChange={setChosen}
            options={lines.map(({ lineId, name, numbers }) => ({
              value: lineId,
              label: `${name}（${numbers[0] ?? ''}）`,
            }))}
          />
        )}
      </ResourceView>
    </Modal>
  );
}
