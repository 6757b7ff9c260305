// Calls Webex with fetch. A token that Webex refuses is reported, and the request is sent again.
import { Broker, webexFetch } from 'webex-token-broker';

const fetch = webexFetch(new Broker(), 'reports', process.env.ORG);

const response = await fetch('https://webexapis.com/v1/people/me');
if (!response.ok) throw new Error(`Webex answered ${response.status}`);
const { displayName } = await response.json();
console.log('I am', displayName);
