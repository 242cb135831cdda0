import { Button, Drawer, Timeline } from 'antd';
import type { DialRule } from '../../calls/dial-rules';
import { api } from '../shared/api';
import { ResourceView } from '../shared/states';
import { timeText } from '../shared/time';
import { useResource } from '../shared/use-resource';
import type { DialRuleSet } from './dial-rules-page';

/** The rules there were, newest first; an old set can be taken back onto the page. */
export function DialRuleHistory(props: {
  mayEdit: boolean;
  onClose: () => void;
  onTake: (rules: DialRule[]) => void;
}) {
  const history = useResource(
    async (signal) => (await api.get<{ sets: DialRuleSet[] }>('/dial-rules/history', { signal })).sets,
    [],
  );
  return (
    <Drawer open size={560} title="历次外呼规则" onClose={props.onClose}>
      <ResourceView resource={history} empty={(sets) => sets.length === 0} emptyWords="规则还没有修改过">
        {(sets) => (
          <Timeline
            items={sets.map((set) => ({
              key: set.version,
              content: (
                <>
                  <strong>{`${timeText(set.at)} ${set.whoName ?? ''}（第${set.version}版）`}</strong>
                  <div className="admin-text">
                    {set.rules.map(({ name, allow }) => `${allow ? '允许' : '禁止'} ${name}`).join('；')}
                  </div>
                  {props.mayEdit && (
                    <Button type="link" size="small" onClick={() => props.onTake(set.rules)}>
                      取用此版
                    </Button>
                  )}
                </>
              ),
            }))}
          />
        )}
      </ResourceView>
    </Drawer>
  );
}
