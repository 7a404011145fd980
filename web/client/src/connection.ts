/** How GraphiQL reaches `/graphql`: POST for queries and mutations, a WebSocket for subscriptions. */

import type { Fetcher, FetcherParams } from '@graphiql/toolkit';
import { getOperationAST, parse, type DocumentNode, type ExecutionResult, type OperationDefinitionNode } from 'graphql';
import { createClient, type Client, type SubscribePayload } from 'graphql-ws';
import type { Identity } from './session';
import { Streams } from './streams';

export type SocketState = 'closed' | 'connecting' | 'open';

const GRAPHQL_PATH = '/graphql';
const RETRIES_MAX = 8;
const RETRY_WAIT_MAX_MS = 10_000;
const CLOSED_UNAUTHENTICATED = 4401;

/** What the response pane shows: a GraphQL answer, or a sentence in the shape of one. */
type Answer = ExecutionResult;

export class Connection {
  readonly streams = new Streams<Answer>();
  #identity: Identity;
  readonly #socket: Client;
  #renewal: ReturnType<typeof setTimeout> | undefined;

  constructor(identity: Identity, onSocketState: (state: SocketState) => void) {
    this.#identity = identity;
    this.#socket = createClient({
      url: () => `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${GRAPHQL_PATH}`,
      connectionParams: async () => authorization(await this.#identity.bearer()),
      retryAttempts: RETRIES_MAX,
      retryWait: (retries) => pause(retries === 0 ? 0 : Math.min(2 ** retries * 250, RETRY_WAIT_MAX_MS)),
      shouldRetry: () => true, // a refused connection too: the server may be restarting
      on: {
        connecting: () => onSocketState('connecting'),
        connected: () => {
          onSocketState('open');
          this.#reconnectBeforeTheTokenExpires();
        },
        closed: () => {
          onSocketState('closed');
          clearTimeout(this.#renewal);
        },
      },
    });
  }

  /** Call as somebody else. Running subscriptions go on, on a new socket with the new token. */
  become(identity: Identity): void {
    if (identity === this.#identity) return;
    this.#identity = identity;
    this.#socket.terminate();
  }

  /** A new function each time, so that GraphiQL reads the schema again for a new caller. */
  fetcher(): Fetcher {
    return (asked, options) => {
      const what = JSON.stringify([asked.query, asked.variables]);
      const operation = operationOf(asked);
      const params = { ...asked, operationName: operation?.name?.value };
      if (operation?.operation === 'subscription') {
        return this.streams.follow(what, () => this.#subscribe(params));
      }
      return this.#post(params, options?.headers ?? {});
    };
  }

  async #post(params: FetcherParams, headers: Record<string, string>): Promise<Answer> {
    const answer = await this.#postOnce(params, headers);
    if (!isUnauthenticated(answer) || !this.#identity.forget()) return answer;
    return this.#postOnce(params, headers); // refused before it ran: asking again does nothing twice
  }

  async #postOnce(params: FetcherParams, headers: Record<string, string>): Promise<Answer> {
    try {
      const response = await fetch(GRAPHQL_PATH, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/graphql-response+json, application/json',
          ...authorization(await this.#identity.bearer()),
          ...headers,
        },
        body: JSON.stringify(params),
      });
      return await readAnswer(response);
    } catch (cause) {
      return sentence(cause instanceof Error ? cause.message : String(cause));
    }
  }

  /** GraphiQL stops a subscription by `return()`, which must work while `next()` waits. */
  #subscribe(params: FetcherParams): AsyncIterableIterator<Answer> {
    const open = () => this.#socket.iterate(params as SubscribePayload) as AsyncIterableIterator<Answer>;
    let events = open();
    let renewed = false;
    const next = async (): Promise<IteratorResult<Answer>> => {
      try {
        const event = await events.next();
        renewed = false;
        return event;
      } catch (cause) {
        await events.return?.(); // else graphql-ws counts it as running and never closes its socket
        if (!renewed && closeCode(cause) === CLOSED_UNAUTHENTICATED && this.#identity.forget()) {
          renewed = true;
          events = open();
          return next();
        }
        return { done: false, value: answerOfFailure(cause) };
      }
    };
    return {
      next,
      return: async () => (await events.return?.()) ?? { done: true, value: undefined },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  /** The server ends a connection whose token expired; a new socket carries the next token. */
  #reconnectBeforeTheTokenExpires(): void {
    clearTimeout(this.#renewal);
    const renewsAt = this.#identity.renewsAt();
    if (renewsAt === null) return;
    this.#renewal = setTimeout(() => this.#socket.terminate(), Math.max(renewsAt - Date.now(), 0));
  }
}

/** GraphiQL learns the operation's name a moment after a change of tabs: an unknown one is old. */
function operationOf({ query, operationName }: FetcherParams): OperationDefinitionNode | null | undefined {
  let document: DocumentNode;
  try {
    document = parse(query);
  } catch {
    return null; // the server says what is wrong with it
  }
  return getOperationAST(document, operationName) ?? getOperationAST(document);
}

function authorization(bearer: string): { authorization?: string } {
  return bearer ? { authorization: `Bearer ${bearer}` } : {};
}

async function readAnswer(response: Response): Promise<Answer> {
  const text = await response.text();
  try {
    return JSON.parse(text) as Answer;
  } catch {
    return sentence(`The server answered ${response.status} ${response.statusText} without JSON: ${text.slice(0, 200)}`);
  }
}

function isUnauthenticated(answer: Answer): boolean {
  return answer.errors?.some((error) => error.extensions?.['code'] === 'UNAUTHENTICATED') ?? false;
}

function answerOfFailure(cause: unknown): Answer {
  if (Array.isArray(cause)) return { errors: cause }; // the GraphQL errors of an `error` message
  const code = closeCode(cause);
  if (code !== null) {
    const reason = (cause as CloseEvent).reason || 'no reason given';
    return sentence(`The server closed the connection: ${code} ${reason}.`);
  }
  if (cause instanceof Error) return sentence(cause.message);
  return sentence('The WebSocket connection to the server failed.');
}

function closeCode(cause: unknown): number | null {
  return cause instanceof CloseEvent ? cause.code : null;
}

function sentence(message: string): Answer {
  return { errors: [{ message }] } as unknown as Answer;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
