import { XMLParser } from 'fast-xml-parser';

/** What a client of Open311 GeoReport v2 gets: always lists, whatever the form. */
export interface Open311Answer {
  status: number;
  type: string;
  root: string | null;
  items: Record<string, unknown>[];
}

const ITEMS: Record<string, string> = { services: 'service', service_requests: 'request', errors: 'error' };

/** A client written from the specification alone: it finds its endpoint by discovery and speaks both forms. */
export class Open311Client {
  private endpoint: string | null = null;

  constructor(
    private readonly site: string,
    private readonly form: 'json' | 'xml',
  ) {}

  async discover(): Promise<string> {
    const response = await fetch(`${this.site}/open311/discovery.${this.form}`);
    const text = await response.text();
    const found =
      this.form === 'json'
        ? (JSON.parse(text) as { endpoints: { specification: string; url: string }[] }).endpoints
        : [
            (
              new XMLParser().parse(text) as {
                discovery: { endpoints: { endpoint: { specification: string; url: string } } };
              }
            ).discovery.endpoints.endpoint,
          ];
    const endpoint = found.find(
      ({ specification }) => specification === 'http://wiki.open311.org/GeoReport_v2',
    );
    if (!endpoint) throw new Error('no GeoReport v2 endpoint');
    this.endpoint = endpoint.url;
    return endpoint.url;
  }

  services = () => this.get('services');
  service = (code: string) => this.get(`services/${encodeURIComponent(code)}`);
  requests = (query: Record<string, string> = {}) => this.get('requests', query);
  request = (id: string) => this.get(`requests/${encodeURIComponent(id)}`);
  token = (token: string) => this.get(`tokens/${encodeURIComponent(token)}`);

  async post(fields: Record<string, string>): Promise<Open311Answer> {
    const url = `${await this.base()}/requests.${this.form}`;
    return this.read(await fetch(url, { method: 'POST', body: new URLSearchParams(fields) }));
  }

  private async get(path: string, query: Record<string, string> = {}): Promise<Open311Answer> {
    const asked = new URLSearchParams(query).toString();
    return this.read(await fetch(`${await this.base()}/${path}.${this.form}${asked ? `?${asked}` : ''}`));
  }

  private async base(): Promise<string> {
    return this.endpoint ?? this.discover();
  }

  private async read(response: Response): Promise<Open311Answer> {
    const text = await response.text();
    const facts = { status: response.status, type: response.headers.get('content-type') ?? '' };
    if (this.form === 'json') {
      const value = JSON.parse(text) as Record<string, unknown> | Record<string, unknown>[];
      return { ...facts, root: null, items: [value].flat() };
    }
    if (!text.startsWith('<?xml version="1.0" encoding="UTF-8"?>')) throw new Error('no XML declaration');
    const parser = new XMLParser({ parseTagValue: false, ignoreDeclaration: true });
    const [[root, content] = ['', {}]] = Object.entries(parser.parse(text) as Record<string, unknown>);
    const item = ITEMS[root];
    const inside = item
      ? (content as Record<string, unknown> | '') && (content as Record<string, unknown>)[item]
      : content;
    return { ...facts, root, items: inside ? ([inside].flat() as Record<string, unknown>[]) : [] };
  }
}
