# What makes fovea@.service of fovea.service.
s|^# Fovea as a background service: .*|# Fovea as a background service for one camera: 'systemctl start fovea@door.service' reads /etc/fovea/door.toml.|
s|fovea\.service|fovea@.service|g
s|^Description=.*|Description=Fovea, the camera "%i"|
s|/etc/fovea/fovea\.toml|/etc/fovea/%i.toml|
s|/var/lib/fovea and|/var/lib/fovea-%i and|
s|^StateDirectory=fovea|StateDirectory=fovea-%i|
s|%S/fovea|%S/fovea-%i|
