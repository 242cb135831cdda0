import { Button, Drawer, Space, Timeline } from 'antd';
import type { Prompt, PromptVersion } from '../../intake/prompt-catalogue';
import { api } from '../shared/api';
import { useSession } from '../shared/session';
import { ResourceView } from '../shared/states';
import { timeText } from '../shared/time';
import { useAction } from '../shared/use-action';
import { useResource } from '../shared/use-resource';
import { ACTION_WORDS, secondsText, soundUrl } from './prompt-words';
import { usePlayer } from './use-player';

/** Every version of a recording: who put it there and when; each can be heard and used again. */
export function PromptHistory({ prompt, onClose }: { prompt: Prompt; onClose: (changed: boolean) => void }) {
  const { may } = useSession();
  const player = usePlayer();
  const action = useAction();
  const history = useResource(
    async (signal) =>
      (await api.get<{ versions: PromptVersion[] }>(`/prompts/${prompt.name}/history`, { signal })).versions,
    [prompt.name],
  );
  const restore = async (versionId: string) => {
    const work = () => api.post(`/prompts/${prompt.name}/restore`, { versionId });
    if (await action.run(work, '已恢复该版本，下一次播放即生效')) onClose(true);
  };
  return (
    <Drawer open size={560} title={`历史版本：${prompt.name}`} onClose={() => onClose(false)}>
      <ResourceView
        resource={history}
        empty={(list) => list.length === 0}
        emptyWords="一直使用内置录音，没有历史版本"
      >
        {(versions) => (
          <Timeline
            items={versions.map((version) => ({
              key: version.versionId,
              content: (
                <>
                  <strong>{`${timeText(version.at)} ${version.whoName} ${ACTION_WORDS[version.action]}`}</strong>
                  {version.action !== 'reverted' && (
                    <>
                      <div className="admin-text">{version.words}</div>
                      <div className="prompt-name">{`${secondsText(version.seconds)} · ${version.source}`}</div>
                      <Space size={4}>
                        <Button
                          size="small"
                          onClick={() => player.toggle(soundUrl(prompt.name, version.versionId))}
                        >
                          {player.playing === soundUrl(prompt.name, version.versionId) ? '停止' : '试听'}
                        </Button>
                        {may('prompt.edit') && version.versionId !== prompt.uploaded?.versionId && (
                          <Button
                            size="small"
                            loading={action.busy}
                            onClick={() => void restore(version.versionId)}
                          >
                            使用此版本
                          </Button>
                        )}
                      </Space>
                    </>
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
