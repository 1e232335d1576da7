import { createRouter, createWebHistory } from 'vue-router';
import { meta } from '../api/meta.ts';

export const router = createRouter({
  history: createWebHistory(`${meta.base}/hall/`),
  routes: [
    { path: '/', component: () => import('./Houses.vue'), meta: { title: '我的房屋' } },
    {
      path: '/houses/:house_id',
      component: () => import('./House.vue'),
      props: true,
      meta: { title: '我的房屋' },
    },
    { path: '/works', component: () => import('./Works.vue'), meta: { title: '我家分摊的维修' } },
    { path: '/bind', component: () => import('./Bind.vue'), meta: { title: '绑定我的房屋' } },
    { path: '/publicities', component: () => import('./Publicities.vue'), meta: { title: '公示与异议' } },
    { path: '/notices', component: () => import('../kit/NoticeList.vue'), meta: { title: '消息' } },
    { path: '/me', component: () => import('../kit/MyAccount.vue'), meta: { title: '我的账号' } },
    {
      path: '/invitation',
      component: () => import('./Invitation.vue'),
      meta: { title: '接受邀请', open: true },
    },
    { path: '/:rest(.*)*', component: () => import('../kit/NotFound.vue'), meta: { title: '没有这个页面' } },
  ],
});
