import { Button, Dropdown, Tag } from 'antd';
import type { ReactNode } from 'react';
import mark from './mark.svg';
import { PLACES, windowOf } from './places';
import { useSession } from './session';
import { ROLE_WORDS } from './words';

export interface NavigationItem {
  key: string;
  label: string;
}

const LEAVE = { key: 'leave', label: '退出登录' };

/** The frame of every signed-in page: mark, title, optional sections, who is signed in, sign out. */
export function Shell(props: {
  title: string;
  sections?: NavigationItem[];
  current?: string;
  onSection?: (key: string) => void;
  /** Shown left of the person: connection state, shortcuts… */
  extra?: ReactNode;
  /** Asked before signing out, e.g. to leave the seat first. Signing out stops when it answers false. */
  beforeSignOut?: () => Promise<boolean>;
  children: ReactNode;
}) {
  const session = useSession();
  const leave = async () => {
    if (!props.beforeSignOut || (await props.beforeSignOut())) await session.signOut();
  };
  return (
    <div className="shell">
      <header className="shell-head">
        <img src={mark} alt="" width={28} height={28} />
        <h1>{props.title}</h1>
        {props.sections && (
          <nav aria-label="主导航">
            {props.sections.map((section) => (
              <button
                key={section.key}
                type="button"
                aria-current={section.key === props.current ? 'page' : undefined}
                onClick={() => props.onSection?.(section.key)}
              >
                {section.label}
              </button>
            ))}
          </nav>
        )}
        <div className="shell-end">
          {props.extra}
          <Dropdown
            trigger={['click']}
            menu={{
              items: [
                ...PLACES.filter(({ action }) => session.may(action)).map(({ address, label }) => ({
                  key: address,
                  label,
                })),
                { type: 'divider' },
                LEAVE,
              ],
              onClick: ({ key }) => (key === LEAVE.key ? void leave() : window.open(key, windowOf(key))),
            }}
          >
            <Button type="text" className="shell-person" data-testid="person-menu">
              {session.person.name} <Tag>{ROLE_WORDS[session.person.role]}</Tag>
            </Button>
          </Dropdown>
        </div>
      </header>
      <main className="shell-body">{props.children}</main>
    </div>
  );
}
