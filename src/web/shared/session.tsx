import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from 'react';
import { Button, Result } from 'antd';
import { may, type Action, type Role } from '../../permissions';
import { api } from './api';
import { HOME } from './home';
import { Failure, WholePageLoading } from './states';

export interface Person {
  personId: string;
  name: string;
  role: Role;
  /** The unit of a clerk (role `unit`); null for the hotline's own people. */
  unitId: string | null;
}
export interface SessionAnswer {
  person: Person;
  csrf: string;
}

export interface Session {
  person: Person;
  /** Whether this person may do the action: hides what the server would refuse. */
  may: (action: Action) => boolean;
  signOut: () => Promise<void>;
}

const SessionContext = createContext<Session | null>(null);

/** The signed-in person. Only below `SessionGate`. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error('useSession outside of SessionGate');
  return session;
}

/** Leads to the sign-in page, which comes back to this place afterwards. */
export function toSignIn(): void {
  const here = location.pathname + location.hash;
  location.assign(`/?next=${encodeURIComponent(here)}`);
}

/** Asks who is signed in; shows its children only to the named roles, and leads everybody else away. */
export function SessionGate({ roles, children }: { roles: readonly Role[]; children: ReactNode }) {
  const [person, setPerson] = useState<Person | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [round, setRound] = useState(0);
  useEffect(() => {
    api.onSessionLost = toSignIn;
    api.get<SessionAnswer>('/me').then(
      (answer) => {
        api.useCsrf(answer.csrf);
        setPerson(answer.person);
      },
      (fault: unknown) => setError(fault),
    );
  }, [round]);
  const session = useMemo(() => (person ? sessionOf(person) : null), [person]);
  if (!session)
    return error ? <Failure error={error} onRetry={() => setRound(round + 1)} /> : <WholePageLoading />;
  if (!roles.includes(session.person.role)) return <WrongPage home={HOME[session.person.role]} />;
  return <SessionContext.Provider value={session}>{children}</SessionContext.Provider>;
}

function sessionOf(person: Person): Session {
  return {
    person,
    may: (action) => may(person.role, action),
    signOut: async () => {
      await api.post('/sign-out').catch(() => undefined);
      location.assign('/');
    },
  };
}

function WrongPage({ home }: { home: string }) {
  return (
    <Result
      status="403"
      title="您的账号不使用此页面"
      extra={
        <Button type="primary" href={home}>
          去我的工作页面
        </Button>
      }
    />
  );
}
