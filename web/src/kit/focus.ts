import { nextTick } from 'vue';
import type { Router } from 'vue-router';
import { meta } from '../api/meta.ts';

/** After a change of page: its name in the title, the focus on its heading. */
export function followRoutes(router: Router, suffix: string): void {
  router.afterEach((to, from) => {
    const title = (to.meta.title as string | undefined) ?? '';
    document.title = [title, suffix, meta.city].filter(Boolean).join(' · ');
    if (!from.matched.length || to.path === from.path) return;
    void nextTick(() =>
      setTimeout(() => {
        const heading = document.querySelector<HTMLElement>('main h1');
        heading?.setAttribute('tabindex', '-1');
        heading?.focus({ preventScroll: false });
        scrollTo(0, 0);
      }, 50),
    );
  });
  // A part of the page that an update took away: load the new page once.
  router.onError((error: Error, to) => {
    if (!/import|fetch|load/i.test(error.message)) return;
    const name = 'linli.reloaded';
    if (sessionStorage.getItem(name) === to.fullPath) return;
    sessionStorage.setItem(name, to.fullPath);
    location.assign(router.resolve(to).href);
  });
}
