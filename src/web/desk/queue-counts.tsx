import { useEffect } from 'react';
import { api } from '../shared/api';
import { ResourceView } from '../shared/states';
import { timerText } from '../shared/time';
import { useResource } from '../shared/use-resource';

interface QueueCount {
  queue: string;
  name?: string;
  waiting: number;
  longestWaitSeconds: number | null;
  readySeats: number;
}

/** Waiting longer than this misses the standard: answer within 15 s (GB/T 33358-2016). */
const STANDARD_SECONDS = 15;
const LOOK_EVERY_MS = 4000;

/** Who is waiting, in each queue. */
export function QueueCounts() {
  const queues = useResource(
    async (signal) => (await api.get<{ queues: QueueCount[] }>('/queues', { signal })).queues,
    [],
  );
  useEffect(() => {
    const timer = setInterval(queues.reload, LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, [queues.reload]);
  return (
    <section className="desk-card" aria-label="排队情况">
      <h2>排队情况</h2>
      <ResourceView resource={queues} empty={(list) => list.length === 0} emptyWords="暂无队列" rows={2}>
        {(list) => (
          <table className="queue-table">
            <thead>
              <tr>
                <th scope="col">队列</th>
                <th scope="col">等待</th>
                <th scope="col">最长</th>
                <th scope="col">空闲席</th>
              </tr>
            </thead>
            <tbody>
              {list.map((queue) => {
                const longest = queue.longestWaitSeconds ?? 0;
                return (
                  <tr key={queue.queue} className={longest > STANDARD_SECONDS ? 'queue-late' : undefined}>
                    <th scope="row">{queue.name ?? queue.queue}</th>
                    <td className={queue.waiting ? 'queue-waiting' : undefined}>{queue.waiting}</td>
                    <td>{queue.waiting ? timerText(longest * 1000) : '—'}</td>
                    <td>{queue.readySeats}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        )}
      </ResourceView>
    </section>
  );
}
