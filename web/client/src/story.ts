/** The ready tabs: operations in the order of a story, served by the server at run time. */

import type { GraphiQLProps } from 'graphiql';

type TabDefinition = NonNullable<GraphiQLProps['defaultTabs']>[number];

interface StoryStep {
  title: string;
  query: string;
  variables?: string;
}

export interface Tabs {
  defaultTabs?: TabDefinition[];
  initialQuery?: string;
  initialVariables?: string;
}

const STORY_KEY = 'neuroerp:story';
const TABS_KEY = 'graphiql:tabState';
const GRAPHIQL_TAB_KEYS = [TABS_KEY, 'graphiql:query', 'graphiql:variables'];

/** The tabs to open with: those of the last visit, or the story when it is new or has changed. */
export async function fetchTabs(): Promise<Tabs> {
  const story = await fetchStory();
  if (story.length === 0) return {};
  const storyText = JSON.stringify(story);
  if (localStorage.getItem(STORY_KEY) !== storyText) forgetTabs();
  localStorage.setItem(STORY_KEY, storyText);
  const defaultTabs = story.map(asTab);
  const opening = lastActiveTab() ?? defaultTabs[0];
  return {
    defaultTabs,
    // GraphiQL fills its editors from these, not from the tab: without them the variables of the
    // first tab would stay invisible.
    initialQuery: opening?.query ?? undefined,
    initialVariables: opening?.variables ?? undefined,
  };
}

/** Throw the tabs of the last visit away; what was run stays in GraphiQL's history. */
export function forgetTabs(): void {
  for (const key of GRAPHIQL_TAB_KEYS) localStorage.removeItem(key);
}

async function fetchStory(): Promise<StoryStep[]> {
  try {
    const answer = await fetch(`${import.meta.env.BASE_URL}story.json`);
    return answer.ok ? ((await answer.json()) as StoryStep[]) : [];
  } catch {
    return []; // no story, no ready tabs; the playground works without
  }
}

/** GraphiQL names a tab after its operation, so the step's title stands as a comment on top. */
function asTab(step: StoryStep): TabDefinition {
  const query = step.query.trimStart().startsWith('#') ? step.query : `# ${step.title}\n${step.query}`;
  return { query, variables: step.variables ?? null, headers: null };
}

function lastActiveTab(): TabDefinition | undefined {
  try {
    const state = JSON.parse(localStorage.getItem(TABS_KEY) ?? 'null') as {
      tabs: TabDefinition[];
      activeTabIndex: number;
    } | null;
    return state?.tabs[state.activeTabIndex];
  } catch {
    return undefined;
  }
}
