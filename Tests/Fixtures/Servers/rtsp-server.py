"""An RTSP server of GStreamer's (gir1.2-gst-rtsp-server-1.0, python3-gi): rtsp-server.py PORT [NAME PASSWORD]

/h264 has video of 15 frames a second, /g711 and /aac have sound beside it. Says "ready" when it listens.
"""
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

VIDEO = (
    "videotestsrc is-live=true ! video/x-raw,width=160,height=120,framerate=15/1"
    " ! x264enc tune=zerolatency key-int-max=15 ! rtph264pay name=pay0 pt=96 config-interval=1"
)
SOUND = {
    "/h264": "",
    "/g711": "audiotestsrc is-live=true ! audio/x-raw,rate=8000,channels=1 ! alawenc ! rtppcmapay name=pay1 pt=8",
    "/aac": "audiotestsrc is-live=true ! audioconvert ! audio/x-raw,rate=48000 ! avenc_aac ! rtpmp4gpay name=pay1 pt=97",
}

Gst.init(None)
server = GstRtspServer.RTSPServer()
server.set_service(sys.argv[1])
for path, sound in SOUND.items():
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(f"( {VIDEO} {sound} )")
    factory.set_shared(True)
    if len(sys.argv) > 3:
        rights = GstRtspServer.RTSPPermissions()
        role = Gst.Structure.new_empty("viewer")
        role.set_value("media.factory.access", True)
        role.set_value("media.factory.construct", True)
        rights.add_role_from_structure(role)
        factory.set_permissions(rights)
    server.get_mount_points().add_factory(path, factory)
if len(sys.argv) > 3:
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    auth = GstRtspServer.RTSPAuth()
    auth.add_basic(GstRtspServer.RTSPAuth.make_basic(sys.argv[2], sys.argv[3]), token)
    server.set_auth(auth)
server.attach(None)
print("ready", flush=True)
GLib.MainLoop().run()
