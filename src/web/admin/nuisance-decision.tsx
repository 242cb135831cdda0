import { Input, Modal, Radio } from 'antd';
import { useState } from 'react';
import { TREATMENTS, type Treatment } from '../../calls/nuisance';
import { api } from '../shared/api';
import { dayText } from '../shared/time';
import { useAction } from '../shared/use-action';
import type { NuisanceView } from './nuisance-page';

export type Deciding = 'approve' | 'refuse' | 'lift';

const WORDS: Record<Deciding, { title: string; ok: string; done: string; words: string }> = {
  approve: { title: '批准列入骚扰名单', ok: '批准', done: '已批准，即刻生效', words: '审批意见（可不填）' },
  refuse: { title: '不批准', ok: '不批准', done: '已退回', words: '原因（必填）' },
  lift: { title: '提前解除', ok: '解除', done: '已解除，即刻恢复接听', words: '原因（必填）' },
};

/** Approves, refuses or lifts an entry, with what there is to say about it. */
export function NuisanceDecision(props: {
  how: Deciding;
  entry: NuisanceView;
  onClose: (changed: boolean) => void;
}) {
  const { how, entry, onClose } = props;
  const [said, setSaid] = useState('');
  const [lastDay, setLastDay] = useState(entry.lastDay);
  const [treatment, setTreatment] = useState<Treatment>(entry.treatment);
  const action = useAction();
  const words = WORDS[how];
  const decide = async () => {
    const change = how === 'approve' ? { lastDay, treatment } : {};
    const body = { version: entry.version, words: said.trim(), ...change };
    if (await action.run(() => api.post(`/nuisance/${entry.entryId}/${how}`, body), words.done))
      onClose(true);
  };
  const missing = how === 'approve' ? lastDay === '' : said.trim().length < 2;
  return (
    <Modal
      open
      title={`${words.title}：${entry.masked}`}
      okText={words.ok}
      okButtonProps={{ danger: how === 'approve', disabled: missing }}
      confirmLoading={action.busy}
      onOk={() => void decide()}
      onCancel={() => onClose(false)}
    >
      <p className="admin-text">
        {entry.proposed.name}提出：{entry.reason}
      </p>
      {how === 'approve' && (
        <>
          <p>
            批准后该号码来电{TREATMENTS[treatment]}
            ；紧急类热线、短时间内反复来电和自述紧急的仍会接通并提示坐席。
          </p>
          <p>
            <Radio.Group
              value={treatment}
              onChange={(event) => setTreatment(event.target.value as Treatment)}
              options={Object.entries(TREATMENTS).map(([value, label]) => ({ value, label }))}
            />
          </p>
          <label>
            截止日期
            <Input
              type="date"
              value={lastDay}
              min={dayText(api.serverNow())}
              onChange={(event) => setLastDay(event.target.value)}
            />
          </label>
        </>
      )}
      <label>
        {words.words}
        <Input.TextArea
          maxLength={200}
          value={said}
          autoSize={{ minRows: 2 }}
          onChange={(event) => setSaid(event.target.value)}
          data-testid="decision-words"
        />
      </label>
    </Modal>
  );
}
