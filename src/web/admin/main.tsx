import { mountPage } from '../shared/page';
import { AdminPage } from './admin-page';

mountPage(<AdminPage />, ['administrator', 'supervisor']);
