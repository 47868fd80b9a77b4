package dev.holdfast.engine.cloud.azure;

import dev.holdfast.engine.cloud.CloudEndpoints;
import dev.holdfast.engine.error.HoldfastException;
import dev.holdfast.engine.error.SqlState;
import java.util.Locale;

/** Microsoft's clouds, as AZURE_ENVIRONMENT names them. */
public enum AzureCloud {
    AZUREPUBLICCLOUD("blob.core.windows.net", "vault.azure.net", "login.microsoftonline.com"),
    AZURECHINACLOUD("blob.core.chinacloudapi.cn", "vault.azure.cn", "login.chinacloudapi.cn"),
    AZUREGERMANCLOUD("blob.core.cloudapi.de", "vault.microsoftazure.de", "login.microsoftonline.de"),
    AZUREUSGOVERNMENTCLOUD("blob.core.usgovcloudapi.net", "vault.usgovcloudapi.net", "login.microsoftonline.us");

    private final String blob;
    private final String vault;
    private final String login;

    AzureCloud(String blob, String vault, String login) {
        this.blob = blob;
        this.vault = vault;
        this.login = login;
    }

    static AzureCloud named(String name) {
        try {
            return valueOf(name.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw HoldfastException.of(SqlState.INVALID_PARAMETER_VALUE, "unknown AZURE_ENVIRONMENT: \"" + name + "\"")
                    .withHint("It is one of AZUREPUBLICCLOUD, AZURECHINACLOUD, AZUREGERMANCLOUD and AZUREUSGOVERNMENTCLOUD.");
        }
    }

    public String blob(String account, CloudEndpoints endpoints) {
        return endpoints.azureBlob().isEmpty()
                ? "https://" + account + "." + blob
                : endpoints.azureBlob().replace("{account}", account);
    }

    public String vault(String name, CloudEndpoints endpoints) {
        return endpoints.azureVault().isEmpty() ? "https://" + name + "." + vault : endpoints.azureVault().replace("{vault}", name);
    }

    String login(CloudEndpoints endpoints) {
        return endpoints.azureLogin().isEmpty() ? "https://" + login : endpoints.azureLogin();
    }
}
