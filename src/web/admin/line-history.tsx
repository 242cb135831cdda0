import { Drawer, Timeline } from 'antd';
import type { Line, LineChange } from '../../lines/line';
import { api } from '../shared/api';
import { ResourceView } from '../shared/states';
import { timeText } from '../shared/time';
import { useResource } from '../shared/use-resource';
import { changedFields, FIELD_WORDS, fieldText } from './line-words';

const ACTION_WORDS = { created: '新建', changed: '修改', ended: '停用' } as const;

/** Who changed a line, when, and what it was before and after. */
export function LineHistory(props: { line: Line; names: ReadonlyMap<string, string>; onClose: () => void }) {
  const { line, names, onClose } = props;
  const history = useResource(
    async (signal) =>
      (await api.get<{ changes: LineChange[] }>(`/lines/${line.lineId}/history`, { signal })).changes,
    [line.lineId],
  );
  return (
    <Drawer open size={640} title={`变更记录：${line.name}`} onClose={onClose}>
      <ResourceView resource={history} empty={(list) => list.length === 0} emptyWords="没有变更记录">
        {(changes) => (
          <Timeline
            items={changes.map((change) => ({
              key: change.version,
              content: <Change change={change} names={names} />,
            }))}
          />
        )}
      </ResourceView>
    </Drawer>
  );
}

function Change({ change, names }: { change: LineChange; names: ReadonlyMap<string, string> }) {
  const { before, after } = change;
  return (
    <>
      <strong>{`${timeText(change.at)} ${change.whoName} ${ACTION_WORDS[change.action]}（第${change.version}版）`}</strong>
      {changedFields(before, after).map((field) => (
        <div key={field} className="admin-text">
          {FIELD_WORDS[field]}：
          {before && <span className="admin-before">{fieldText(field, before, names)}</span>}
          {before && ' → '}
          <span className={before ? 'admin-after' : undefined}>{fieldText(field, after, names)}</span>
        </div>
      ))}
    </>
  );
}
