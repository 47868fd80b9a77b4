package dev.holdfast.server.login;

/**
 * How a client gets in: what becomes of the upstream's authentication requests and of the client's answers to them, until
 * the upstream has said that the client is in. One object per session; the ways differ in who answers the upstream.
 */
public interface Login {
    int OK = 0;
    int CLEARTEXT_PASSWORD = 3;
    int MD5_PASSWORD = 5;
    int SASL = 10;
    int SASL_CONTINUE = 11;
    int SASL_FINAL = 12;

    /**
     * The upstream asks for something, or says that all is well.
     *
     * @param code of the authentication message
     * @param body what follows the code
     * @return whether the message goes on to the client
     */
    boolean request(int code, byte[] body);

    /**
     * The client answers.
     *
     * @param body of its message
     * @return whether the message goes on to the upstream
     */
    boolean answer(byte[] body);
}
