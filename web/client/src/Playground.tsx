import { useGraphiQLActions } from '@graphiql/react';
import { GraphiQL } from 'graphiql';
import { useEffect, useMemo, useState } from 'react';
import { Connection, type SocketState } from './connection';
import {
  DemoIdentity,
  PastedIdentity,
  readPastedToken,
  userOfAddress,
  type DemoUser,
  type Identity,
} from './session';
import { SignInBar } from './SignInBar';
import type { Tabs } from './story';

export function Playground({ users, tabs }: { users: DemoUser[] | null; tabs: Tabs }) {
  const [identity, setIdentity] = useState(() => firstIdentity(users));
  const [socketState, setSocketState] = useState<SocketState>('closed');
  const [connection] = useState(() => new Connection(identity, setSocketState));
  const fetcher = useMemo(() => {
    connection.become(identity);
    return connection.fetcher();
  }, [connection, identity]);
  return (
    <>
      <SignInBar users={users} identity={identity} socketState={socketState} onIdentity={setIdentity} />
      <main>
        <GraphiQL
          fetcher={fetcher}
          {...tabs}
          onTabChange={(shown) => connection.streams.show(shown)}
          defaultEditorToolsVisibility
          inputValueDeprecation
          schemaDescription
        >
          <GraphiQL.Logo>NeuroERP</GraphiQL.Logo>
          <RunsAgain connection={connection} />
        </GraphiQL>
      </main>
    </>
  );
}

/** Shows nothing; lets a tab with a running subscription follow on when it is shown again. */
function RunsAgain({ connection }: { connection: Connection }) {
  const { run } = useGraphiQLActions();
  useEffect(() => connection.streams.whenShownAgain(() => void run()), [connection, run]);
  return null;
}

function firstIdentity(users: DemoUser[] | null): Identity {
  const user = users && userOfAddress(users);
  return user ? new DemoIdentity(user) : new PastedIdentity(readPastedToken());
}
