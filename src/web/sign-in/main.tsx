import { mountPage } from '../shared/page';
import { SignInPage } from './sign-in-page';

mountPage(<SignInPage />);
