import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import './playground.css';
import { createRoot } from 'react-dom/client';
import { Playground } from './Playground';
import { fetchDemoUsers } from './session';
import { fetchTabs } from './story';

async function main(): Promise<void> {
  const [users, tabs] = await Promise.all([fetchDemoUsers(), fetchTabs()]);
  createRoot(document.getElementById('root')!).render(<Playground users={users} tabs={tabs} />);
}

void main();
