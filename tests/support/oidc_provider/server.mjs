// An OpenID Connect server of other people's making (npm: oidc-provider), for a sign-in in the browser.
// node server.mjs PORT CLIENT_ID: one line of JSON on stdout for each request. It takes any password.
import Provider from 'oidc-provider';

const [port, clientId] = process.argv.slice(2);
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{
    client_id: clientId,
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    redirect_uris: ['http://127.0.0.1/callback'],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
  }],
  claims: { openid: ['sub'], email: ['email'], profile: ['name'] },
  conformIdTokenClaims: true,
  features: { revocation: { enabled: true } },
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: `${id}@escritorio.example`, name: id }),
  }),
  pkce: { required: () => true },
  rotateRefreshToken: true,
  ttl: { AccessToken: 2 },
});
provider.use(async (context, next) => {
  if (/^\/(health|dominio\/)/.test(context.path)) { // ONVIO's interface, which tells nothing here
    context.status = context.path === '/health' ? 200 : 404;
    context.body = {};
    return;
  }
  await next();
  const grant = context.oidc?.params?.grant_type;
  console.log(JSON.stringify({ path: context.path, status: context.status, grant }));
});
provider.listen(Number(port), '127.0.0.1', () => console.log(JSON.stringify({ ready: true })));
