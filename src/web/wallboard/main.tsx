import { mountPage } from '../shared/page';
import { WallboardPage } from './wallboard-page';

mountPage(<WallboardPage />, ['supervisor', 'administrator']);
