// A certified authorization server on loopback, for tests/interop: PORT=9010 node authorization-server.mjs
// One API for each kind of access token: the audience decides the algorithm, as resource indicators (RFC 8707) allow.
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import http from 'node:http';
import Provider, { errors } from 'oidc-provider';

const port = Number(process.env.PORT);
const issuer = `http://127.0.0.1:${port}`;
// With the redirect URI of a docs page there is also a login page, for a browser: any name, any password.
const docs = process.env.DOCS_REDIRECT_URI;
const scope = 'read write read:data write:data admin openid profile articles:publish';
const apis = {
  api: { sign: { alg: 'RS256' } },
  es: { sign: { alg: 'ES256' } },
  ps: { sign: { alg: 'PS256' } },
  ed: { sign: { alg: 'Ed25519' } },
  eddsa: { sign: { alg: 'EdDSA' } },
  // Legal tokens that a resource server without a secret must refuse: symmetric, encrypted, opaque.
  hs: { sign: { alg: 'HS256', key: Buffer.from('0123456789abcdef0123456789abcdef') } },
  enc: { encrypt: { alg: 'dir', enc: 'A128CBC-HS256', key: Buffer.from('0123456789abcdef0123456789abcdef') } },
  opaque: null,
};

const newKey = (type, options, alg) => ({
  ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), kid: `${alg}-${randomUUID()}`, alg, use: 'sig',
});
const newKeys = () => [
  newKey('rsa', { modulusLength: 2048 }, 'RS256'),
  newKey('rsa', { modulusLength: 2048 }, 'PS256'),
  newKey('ec', { namedCurve: 'P-256' }, 'ES256'),
  newKey('ed25519', {}, 'Ed25519'),
  newKey('ed25519', {}, 'EdDSA'),
];

function server(keys) {
  const provider = new Provider(issuer, {
    jwks: { keys },
    clients: [{
      client_id: 'svc', client_secret: 'svc-secret', grant_types: ['client_credentials'], redirect_uris: [], response_types: [],
    }, ...(docs ? [{ client_id: 'docs', token_endpoint_auth_method: 'none', redirect_uris: [docs] }] : [])],
    clientBasedCORS: () => true,
    enabledJWA: { idTokenSigningAlgValues: ['RS256', 'PS256', 'ES256', 'Ed25519', 'EdDSA'] },
    extraTokenClaims: () => ({ roles: ['service', 'editor'] }),
    scopes: scope.split(' '),
    features: {
      devInteractions: { enabled: Boolean(docs) },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        // Swagger UI names no resource, and a token without one would be opaque.
        ...(docs && { defaultResource: () => 'https://api.example.test', useGrantedResource: () => true }),
        getResourceServerInfo(_ctx, resource) {
          const name = /^https:\/\/(\w+)\.example\.test$/.exec(resource)?.[1];
          if (!Object.hasOwn(apis, name)) throw new errors.InvalidTarget();
          const jwt = apis[name];
          return { scope, audience: resource, accessTokenTTL: 300, accessTokenFormat: jwt ? 'jwt' : 'opaque', ...(jwt && { jwt }) };
        },
      },
    },
    ttl: { ClientCredentials: 300 },
  });
  return provider.callback();
}

let keys = newKeys();
let answer = server(keys);
http.createServer((request, response) => {
  const url = new URL(request.url, issuer);
  if (url.pathname !== '/__rotate') return answer(request, response);
  // New keys come first, so that they sign; ?drop=1 forgets the old ones at once.
  keys = [...newKeys(), ...(url.searchParams.has('drop') ? [] : keys)];
  answer = server(keys);
  return response.end('rotated');
}).listen(port, '127.0.0.1');
