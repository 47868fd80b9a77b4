package dev.holdfast.engine.storage;

import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;

/**
 * What the flags of this server forbid.
 *
 * @param httpDisabled no http(s) storage and no endpoints of one's own
 * @param implicitCredentialsDisabled no credentials but those in the URI
 * @param writeOnce nothing in storage is changed or removed
 */
public record ExternalIoPolicy(boolean httpDisabled, boolean implicitCredentialsDisabled, boolean writeOnce) {
    public static final ExternalIoPolicy OPEN = new ExternalIoPolicy(false, false, false);

    public void requireHttp() {
        if (httpDisabled) {
            throw HoldfastException.of(SqlState.INSUFFICIENT_PRIVILEGE, "external http access disabled")
                    .withDetail("The server was started with --external-io-disable-http.");
        }
    }

    /** {@code where} as in "s3" or "aws kms". */
    public void requireCustomEndpoint(String where) {
        if (httpDisabled) {
            throw HoldfastException.of(
                    SqlState.INSUFFICIENT_PRIVILEGE,
                    "custom endpoints disallowed for " + where + " due to --external-io-disable-http flag");
        }
    }

    public void requireImplicit(String where) {
        if (implicitCredentialsDisabled) {
            throw HoldfastException.of(
                    SqlState.INSUFFICIENT_PRIVILEGE,
                    "implicit credentials disallowed for " + where + " due to --external-io-disable-implicit-credentials flag");
        }
    }
}
