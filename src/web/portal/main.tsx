import { mountPage } from '../shared/page';
import { PortalPage } from './portal-page';

mountPage(<PortalPage />, ['unit']);
