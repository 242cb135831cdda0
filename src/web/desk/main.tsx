import { mountPage } from '../shared/page';
import { Shell } from '../shared/shell';

mountPage(<Shell title="坐席工作台">…</Shell>, ['agent', 'supervisor']);
