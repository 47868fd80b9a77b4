package dev.holdfast.server.start;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;

/**
 * Signals of the operating system. The JDK has them in {@code sun.misc}, which javac only takes with a warning that cannot be
 * switched off; hence by reflection.
 */
final class ProcessSignals {
    private ProcessSignals() {}

    /** Runs the action, on a thread of its own, every time the signal comes. */
    static void on(String name, Runnable action) {
        try {
            var signalClass = Class.forName("sun.misc.Signal");
            var handlerClass = Class.forName("sun.misc.SignalHandler");
            InvocationHandler invocation = (proxy, method, arguments) -> {
                switch (method.getName()) {
                    case "handle" -> Thread.ofPlatform().name("signal-" + name).start(action);
                    case "hashCode" -> {
                        return System.identityHashCode(proxy);
                    }
                    case "equals" -> {
                        return proxy == arguments[0];
                    }
                    default -> {
                        return name;
                    }
                }
                return null;
            };
            var handler = Proxy.newProxyInstance(handlerClass.getClassLoader(), new Class<?>[] {handlerClass}, invocation);
            signalClass
                    .getMethod("handle", signalClass, handlerClass)
                    .invoke(null, signalClass.getConstructor(String.class).newInstance(name), handler);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("no signal " + name + " on this platform", e);
        }
    }
}
