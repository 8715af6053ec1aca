FROM mcr.microsoft.com/dotnet/sdk:10.0.400 AS build
WORKDIR /source

# The lock files decide which packages are restored, as in .ci/run.
ENV CI=true
COPY global.json Directory.Build.props Directory.Packages.props .editorconfig appsettings.json ./
COPY .config/BannedSymbols.txt .config/dotnet-tools.json .config/
COPY src/ src/
RUN dotnet publish src/HokifyMessaging.Service/HokifyMessaging.Service.csproj --configuration Release --output /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0.12

ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="hokify" \
      org.opencontainers.image.description="Imports job applications from hokify into an applicant database, asked by messages" \
      org.opencontainers.image.version="$VERSION"

# For the health checks.
RUN apt-get update \
    && apt-get install -y --no-install-recommends curl \
    && rm -rf /var/lib/apt/lists/*

COPY --from=build /app /app

# Where the service works: a SQLite database is made here, and belongs on a volume. Whatever user it is given, its group is root's
# where nobody says another (OpenShift), so that group writes here as the image's own user does.
RUN mkdir /data && chown "$APP_UID:0" /data && chmod 0770 /data
WORKDIR /data

# Nothing is written but /data and /tmp: the root file system may be read-only, and no user needs a home.
ENV PATH="/app:$PATH" \
    DOTNET_EnableDiagnostics=0

# The image's own user, who may write nothing in /app.
USER $APP_UID

# Whether the service lives; other verbs have nobody to ask, and are well for as long as they run.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s \
    CMD case "$(tr '\0' ' ' < /proc/1/cmdline)" in \
        *"/hokify "|*" serve "*) curl --fail --silent --show-error --output /dev/null "http://127.0.0.1:${ASPNETCORE_HTTP_PORTS%%;*}/health/live" ;; \
        esac

ENTRYPOINT ["/app/hokify"]
