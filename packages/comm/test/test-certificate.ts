/**
 * A self-signed certificate for localhost and 127.0.0.1, valid until 2126, for these tests only. Made by
 *   openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500 -subj /CN=localhost \
 *     -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout key.pem -out cert.pem
 */
export const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgxex4Z7GeyiahnpUL
RZfd8UZu0J+h0D1+ntvcU8XmWPWhRANCAAQk+9odgNT8ohAusoKvmjjITX7DF947
PdkhWF+IKiwUt511a1H6iRgPLjnolWevWjkbg6SYF6fdYk94oMp7Gw4F
-----END PRIVATE KEY-----
`;

export const cert = `-----BEGIN CERTIFICATE-----
MIIBnDCCAUGgAwIBAgIUHiQYLddAX1iSGO+rkjUuom7pfJgwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTA0NDcyOVoYDzIxMjYxMDI4
MDQ0NzI5WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQk+9odgNT8ohAusoKvmjjITX7DF947PdkhWF+IKiwUt511a1H6iRgP
LjnolWevWjkbg6SYF6fdYk94oMp7Gw4Fo28wbTAdBgNVHQ4EFgQUKRJY6K00Usa/
Vx1fRhOg0Ex93WswHwYDVR0jBBgwFoAUKRJY6K00Usa/Vx1fRhOg0Ex93WswDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSQAwRgIhAMdbqRuJGhzAy8PtxWkllxb9eMeOM3dt4DR8JXxfQjdLAiEA
tJgURBLpKOvNvwcOhDDxDko7oe+LOWLPojiUYZb0BkQ=
-----END CERTIFICATE-----
`;
