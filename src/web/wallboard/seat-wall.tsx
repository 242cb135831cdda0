import type { Board, BoardSeat } from '../../performance/board';
import { seatReason, STATE_WORDS } from '../../performance/board-words';
import { Nothing } from '../shared/states';
import { timerText } from '../shared/time';
import { useNow } from '../shared/use-now';
import { SEAT_ORDER } from './tones';

const place = (seat: BoardSeat) => SEAT_ORDER.indexOf(seat.state);

/** The seats by state, each with its name, how long it is in that state, and why. */
export function SeatWall({ board }: { board: Board }) {
  const now = useNow();
  const seats = [...board.seats].sort((a, b) => place(a) - place(b) || a.since - b.since);
  return (
    <section className="panel seats" aria-label="坐席状态">
      <h2>
        坐席状态 <span className="panel-note">已签入 {seats.length}</span>
      </h2>
      <ul className="seat-counts" aria-label="各状态人数">
        {SEAT_ORDER.filter((state) => state !== 'signedOut').map((state) => (
          <li key={state} data-state={state}>
            {STATE_WORDS[state]} <b>{board.seatsByState[state]}</b>
          </li>
        ))}
      </ul>
      {seats.length === 0 ? (
        <Nothing words="没有坐席签入" />
      ) : (
        <ul className="seat-cards panel-scroll">
          {seats.map((seat) => {
            const reason = seatReason(seat);
            return (
              <li key={seat.seatId} data-state={seat.state} data-testid={`seat-${seat.seatId}`}>
                <b>{seat.name}</b>
                <time>{timerText(now - seat.since)}</time>
                <span>
                  {STATE_WORDS[seat.state]}
                  {reason && ` · ${reason}`}
                </span>
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}
