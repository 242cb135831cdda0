import { mountPage } from '../shared/page';
import { OversightPage } from './oversight-page';

mountPage(<OversightPage />, ['overseer', 'administrator']);
