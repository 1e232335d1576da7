/** What the server wrote into the document: nothing here is computed from the address. */
export interface Meta {
  /** Path of the tenant's pages, `/t/binhai`; empty on a host of its own; `/platform` for the console. */
  base: string;
  /** Path of the API, `/t/binhai/api/v1`. */
  api: string;
  locale: 'zh-CN' | 'en';
  /** Name of the city, or of the platform. */
  city: string;
}

function read(): Meta {
  const fallback: Meta = { base: '', api: '/api/v1', locale: 'zh-CN', city: '' };
  const text = document.querySelector('meta[name="linli"]')?.getAttribute('content');
  if (!text?.startsWith('{')) return fallback;
  return { ...fallback, ...(JSON.parse(text) as Partial<Meta>) };
}

export const meta: Meta = read();
