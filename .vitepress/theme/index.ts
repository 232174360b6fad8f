// The theme without web fonts: a page asks no other host for anything.
import Theme from 'vitepress/theme-without-fonts';
import './style.css';

export default Theme;
