package dev.holdfast.server.wire;

/** The int32 that stands where a startup message has its protocol version. */
public final class StartupCode {
    public static final int CANCEL_REQUEST = 80877102;
    public static final int SSL_REQUEST = 80877103;
    public static final int GSS_ENC_REQUEST = 80877104;

    private StartupCode() {}

    public static int majorVersion(int code) {
        return code >>> 16;
    }
}
