package dev.holdfast.server.session;

import java.time.Duration;

/**
 * @param connections how many clients may be connected at once
 * @param authentication how long a client may take from connecting to being in
 * @param upstreamWait how long a new session waits for an upstream that is starting or restarting
 */
public record SessionLimits(int connections, Duration authentication, Duration upstreamWait) {}
