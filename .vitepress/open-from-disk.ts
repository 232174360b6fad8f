/**
 * A page as it is, which finds its styles and its neighbours also when it is opened from disk: there a path from the root of
 * the site means nothing, so a script makes them relative. Search needs a server: browsers load no modules from disk.
 */
export function openFromDisk(html: string, base: string, page: string): string {
  const up = '../'.repeat(page.split('/').length - 1) || './';
  const relative = (selector: string): string =>
    `for(const e of document.querySelectorAll('${selector}'))for(const a of ['href','src']){` +
    `const v=e.getAttribute(a);if(v&&v.startsWith('${base}'))` +
    `e.setAttribute(a,'${up}'+v.slice(${base.length}).replace(/(^|\\/)(?=#|$)/,'$1index.html'))}`;
  const script =
    `<script>if(location.protocol==='file:'){${relative('link')};` +
    `addEventListener('DOMContentLoaded',()=>{${relative('a,img')}})}</script>`;
  return html.replace('</head>', `${script}</head>`);
}
