import { useState } from 'react';
import type { SocketState } from './connection';
import {
  DemoIdentity,
  PastedIdentity,
  keepPastedToken,
  writeUserToAddress,
  type DemoUser,
  type Identity,
} from './session';
import { forgetTabs } from './story';

interface SignInBarProps {
  users: DemoUser[] | null;
  identity: Identity;
  socketState: SocketState;
  onIdentity: (identity: Identity) => void;
}

export function SignInBar({ users, identity, socketState, onIdentity }: SignInBarProps) {
  return (
    <header className="bar">
      <strong>NeuroERP playground</strong>
      {users ? (
        <UserChoice users={users} identity={identity} onIdentity={onIdentity} />
      ) : (
        <TokenField identity={identity} onIdentity={onIdentity} />
      )}
      <span className="bar-socket" role="status" data-state={socketState}>
        live connection: {socketState}
      </span>
      <button type="button" onClick={startOver} title="Throw the tabs away and open the ready ones">
        Reset tabs
      </button>
    </header>
  );
}

function UserChoice({ users, identity, onIdentity }: { users: DemoUser[] } & Choice) {
  const email = identity instanceof DemoIdentity ? identity.user.email : '';
  const choose = (chosen: string) => {
    const user = users.find((candidate) => candidate.email === chosen);
    if (!user) return;
    writeUserToAddress(user);
    onIdentity(new DemoIdentity(user));
  };
  return (
    <label>
      Signed in as{' '}
      <select value={email} onChange={(event) => choose(event.target.value)}>
        {users.map((user) => (
          <option key={user.email} value={user.email}>
            {[user.name, user.role, user.tenant].join(' · ')}
          </option>
        ))}
      </select>
    </label>
  );
}

function TokenField({ identity, onIdentity }: Choice) {
  const active = identity instanceof PastedIdentity ? identity.token : '';
  const [token, setToken] = useState(active);
  const use = () => {
    const pasted = token.trim().replace(/^Bearer\s+/i, '');
    if (pasted === active) return;
    keepPastedToken(pasted);
    onIdentity(new PastedIdentity(pasted));
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        use();
      }}
    >
      <label>
        Bearer token{' '}
        <input
          type="password"
          autoComplete="off"
          spellCheck={false}
          value={token}
          placeholder="paste an access token"
          onChange={(event) => setToken(event.target.value)}
          onBlur={use}
        />
      </label>
      <button type="submit">Use</button>
      <span>{active ? 'calls carry your token' : 'calls are anonymous'}</span>
    </form>
  );
}

interface Choice {
  identity: Identity;
  onIdentity: (identity: Identity) => void;
}

function startOver(): void {
  forgetTabs();
  location.reload();
}
