// Goes through the playground as a person does; prints what it saw as JSON, for test_playground.py.
// Waits for what is on the screen, never for time.

import { chromium } from 'playwright-core';

const { BROWSER, DEVELOPMENT_URL, PRODUCTION_URL, TOKEN, PICTURES } = process.env;
const STEP_MS_MAX = 30_000;

const seen = { hosts: new Set(), complaints: [] };

const browser = await chromium.launch({
  executablePath: BROWSER,
  args: [
    '--headless',
    '--no-sandbox', // as root there is none
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-proxy-server',
    '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1', // no internet
  ],
});
try {
  const development = await inDevelopment();
  const production = await inProduction();
  const hosts = [...seen.hosts].sort();
  console.log(JSON.stringify({ development, production, hosts, complaints: seen.complaints }));
} catch (failure) {
  for (const page of browser.contexts().flatMap((context) => context.pages())) await picture(page, 'failure');
  throw failure;
} finally {
  await browser.close();
}

async function inDevelopment() {
  const page = await open(`${DEVELOPMENT_URL}/login`);
  await page.getByRole('link', { name: 'Adam Admin' }).click();
  const signedIn = page.getByLabel('Signed in as').locator('option:checked');
  await editors(page);
  const tabs = await page.locator('.graphiql-tab').allInnerTexts();
  const found = { user: await signedIn.innerText(), tabs };

  await execute(page);
  await page.getByText('live connection: open').waitFor();
  await show(page, 'Partners');
  await execute(page);
  found.partner = await answer(page, /"id": "(par_[0-9a-f-]{36})"/);
  await show(page, 'WriteAnInvoice');
  await paste(page, '.graphiql-editor-tool', JSON.stringify({ partner: found.partner, key: 'browser' }));
  await execute(page);
  found.invoice = await answer(page, /"id": "(doc_[0-9a-f-]{36})"/);

  await show(page, 'Follow'); // it went on behind the other tabs
  found.event = await answer(page, /"type": "(\w+)"/);
  found.actor = await answer(page, /"name": "([^"]+)"/);
  await picture(page, 'event');

  await page.getByRole('button', { name: 'New tab' }).click();
  await paste(page, '.graphiql-query-editor', submission(found.invoice));
  await page.getByRole('tab', { name: 'HandIn' }).waitFor(); // GraphiQL keeps it from now on
  await show(page, 'Follow');
  await show(page, 'HandIn');
  await execute(page);
  await answer(page, /"state": "(PENDING)"/);
  await show(page, 'Follow');
  found.next = await answer(page, /"type": "(SalesInvoiceSubmitted)"/);

  await page.getByLabel('Signed in as').selectOption('otto@krause.example');
  await page.getByText('live connection: open').waitFor();
  await execute(page); // the button says Stop now
  await page.getByText('live connection: closed').waitFor();
  await show(page, 'WhoAmI');
  await execute(page);
  found.role = await answer(page, /"roles": \[\s*"(\w+)"/);
  await page.close();
  return found;
}

async function inProduction() {
  // Neither users nor story, and no schema for who is not known yet.
  const refusals = /\/(dev\/users|playground\/story\.json|graphql)$/;
  const page = await open(`${PRODUCTION_URL}/playground/`, refusals);
  await editors(page);
  const field = page.getByLabel('Bearer token');
  const found = { users: await page.getByLabel('Signed in as').count() };
  await page.getByText('calls are anonymous').waitFor();
  await field.fill(`Bearer ${TOKEN}`);
  await page.getByRole('button', { name: 'Use', exact: true }).click();
  await page.getByText('calls carry your token').waitFor();
  await paste(page, '.graphiql-query-editor', 'query Me { me { roles } }');
  await execute(page);
  found.role = await answer(page, /"roles": \[\s*"(\w+)"/);
  await picture(page, 'production');
  await page.close();
  return found;
}

async function open(address, refusals = /^$/) {
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  page.setDefaultTimeout(STEP_MS_MAX);
  page.on('request', (request) => seen.hosts.add(new URL(request.url()).host));
  page.on('websocket', (socket) => seen.hosts.add(new URL(socket.url()).host));
  page.on('pageerror', (error) => seen.complaints.push(error.message));
  page.on('console', (message) => {
    const isComplaint = ['error', 'warning'].includes(message.type());
    const { url } = message.location();
    if (isComplaint && !refusals.test(url)) seen.complaints.push(`${url} ${message.text()}`);
  });
  await page.goto(address);
  return page;
}

/** Wait until GraphiQL can be used: it runs nothing before its editors are there. */
async function editors(page) {
  for (const editor of ['.graphiql-query-editor', '.graphiql-editor-tool', '.graphiql-response']) {
    await page.locator(`${editor} .view-lines`).first().waitFor({ state: 'attached' });
  }
}

async function show(page, tab) {
  await page.getByRole('tab', { name: tab }).click();
  await page.locator('.graphiql-tab-active').filter({ hasText: tab }).waitFor();
}

async function execute(page) {
  await page.locator('.graphiql-execute-button').click();
}

/** Replace what an editor holds, as Ctrl-A and Ctrl-V do. */
async function paste(page, editor, text) {
  await page.locator(`${editor} .monaco-editor`).first().click();
  await page.keyboard.press('Control+A');
  await page.evaluate((pasted) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', pasted);
    const event = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true });
    document.activeElement.dispatchEvent(event);
  }, text);
}

/** Wait until the answer that is shown matches; return its first group. */
async function answer(page, pattern) {
  const found = await page.waitForFunction((source) => {
    const lines = document.querySelector('.graphiql-response .view-lines');
    const text = lines?.innerText.replaceAll('\u00a0', ' ') ?? '';
    return new RegExp(source).exec(text)?.[1];
  }, pattern.source);
  return found.jsonValue();
}

async function picture(page, name) {
  await page.screenshot({ path: `${PICTURES}/${name}.png` });
}

function submission(invoice) {
  return `mutation HandIn { submitDocument(input: {
    id: "${invoice}", expectedVersion: 1, idempotencyKey: "submit"
  }) { document { state } problems { code } } }`;
}
