package dev.holdfast.it.storage.server;

import dev.holdfast.it.support.TestCertificate;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.servlets.WebdavServlet;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;

/** Tomcat's WebDAV, for user "dav" with password "CANARY-dav". */
public final class WebDavServer implements AutoCloseable {
    public static final String LOGIN = "dav:CANARY-dav";

    private final Tomcat tomcat = new Tomcat();

    private WebDavServer() {}

    public static WebDavServer start(Path directory, Optional<TestCertificate> certificate) throws LifecycleException {
        var server = new WebDavServer();
        server.tomcat.setBaseDir(directory.resolve("tomcat").toString());
        server.tomcat.setPort(0);
        server.tomcat.getConnector().setProperty("address", "127.0.0.1");
        certificate.ifPresent(server::secure);
        var files = directory.resolve("files").toFile();
        files.mkdirs();
        var context = server.tomcat.addContext("", files.toString());
        var webdav = Tomcat.addServlet(context, "webdav", new WebdavServlet());
        webdav.addInitParameter("readonly", "false");
        webdav.addInitParameter("listings", "true");
        context.addServletMappingDecoded("/*", "webdav");
        var filter = new FilterDef();
        filter.setFilterName("login");
        filter.setFilter(new Login());
        context.addFilterDef(filter);
        var map = new FilterMap();
        map.setFilterName("login");
        map.addURLPattern("/*");
        context.addFilterMap(map);
        server.tomcat.start();
        return server;
    }

    private void secure(TestCertificate certificate) {
        var connector = tomcat.getConnector();
        connector.setSecure(true);
        connector.setScheme("https");
        connector.setProperty("SSLEnabled", "true");
        var host = new SSLHostConfig();
        var key = new SSLHostConfigCertificate(host, SSLHostConfigCertificate.Type.UNDEFINED);
        key.setCertificateKeystoreFile(certificate.keyStore().toString());
        key.setCertificateKeystorePassword(TestCertificate.PASSWORD);
        host.addCertificate(key);
        connector.addSslHostConfig(host);
    }

    public int port() {
        return tomcat.getConnector().getLocalPort();
    }

    private static final class Login extends HttpFilter {
        private static final long serialVersionUID = 1;

        @Override
        protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
                throws IOException, ServletException {
            var expected = "Basic " + Base64.getEncoder().encodeToString(LOGIN.getBytes(StandardCharsets.UTF_8));
            if (expected.equals(request.getHeader("Authorization"))) {
                chain.doFilter(request, response);
            } else {
                response.sendError(401);
            }
        }
    }

    @Override
    public void close() throws LifecycleException {
        tomcat.stop();
        tomcat.destroy();
    }
}
