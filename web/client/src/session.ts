/** Who calls: a demo user of the development server, or whoever owns a pasted token. */

export interface DemoUser {
  email: string;
  name: string;
  role: string;
  tenant: string;
}

export interface Identity {
  /** The bearer token to send, fetched when it is missing or old; empty when there is none. */
  bearer(): Promise<string>;
  /** When `bearer` will fetch a new token (milliseconds since 1970), null for never. */
  renewsAt(): number | null;
  /** Forget a token the server refused. False when no other one can be had. */
  forget(): boolean;
}

/** A token is replaced after this share of its life: 50 minutes of an hour. */
const RENEW_AFTER_SHARE = 5 / 6;

const PASTED_TOKEN_KEY = 'neuroerp:token';

interface Token {
  value: string;
  renewsAt: number;
}

export class DemoIdentity implements Identity {
  #token: Token | null = null;
  #fetching: Promise<Token> | null = null;

  constructor(readonly user: DemoUser) {}

  async bearer(): Promise<string> {
    if (this.#token && Date.now() < this.#token.renewsAt) return this.#token.value;
    this.#fetching ??= fetchToken(this.user.email).finally(() => (this.#fetching = null));
    this.#token = await this.#fetching;
    return this.#token.value;
  }

  renewsAt(): number | null {
    return this.#token?.renewsAt ?? null;
  }

  forget(): boolean {
    this.#token = null;
    return true;
  }
}

export class PastedIdentity implements Identity {
  constructor(readonly token: string) {}

  async bearer(): Promise<string> {
    return this.token;
  }

  renewsAt(): null {
    return null;
  }

  forget(): boolean {
    return false;
  }
}

/** The demo users, or null where there are none: in production `/dev/users` answers 404. */
export async function fetchDemoUsers(): Promise<DemoUser[] | null> {
  try {
    const answer = await fetch('/dev/users', { headers: { accept: 'application/json' } });
    if (!answer.ok) return null;
    const users = (await answer.json()) as DemoUser[];
    return users.length > 0 ? users : null;
  } catch {
    return null; // not JSON, or no answer at all: a token can still be pasted
  }
}

async function fetchToken(email: string): Promise<Token> {
  const answer = await fetch('/dev/token', {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ email }),
  });
  if (!answer.ok) throw new Error(`No token for ${email}: /dev/token answered ${answer.status}.`);
  const token = (await answer.json()) as { access_token: string; expires_in: number };
  const renewsAfterMs = token.expires_in * 1000 * RENEW_AFTER_SHARE;
  return { value: token.access_token, renewsAt: Date.now() + renewsAfterMs };
}

/** The user named in the address (`?user=anna@example.de`), else the first one. */
export function userOfAddress(users: DemoUser[]): DemoUser | undefined {
  const email = new URLSearchParams(location.search).get('user');
  return users.find((user) => user.email === email) ?? users[0];
}

/** Keep the choice in the address, so that a reload or a shared link opens as the same user. */
export function writeUserToAddress(user: DemoUser): void {
  const address = new URL(location.href);
  address.searchParams.set('user', user.email);
  history.replaceState(null, '', address);
}

/** The pasted token lives as long as the browser tab. */
export function readPastedToken(): string {
  return sessionStorage.getItem(PASTED_TOKEN_KEY) ?? '';
}

export function keepPastedToken(token: string): void {
  if (token) sessionStorage.setItem(PASTED_TOKEN_KEY, token);
  else sessionStorage.removeItem(PASTED_TOKEN_KEY);
}
