/// Options for outputs that are watched while they are written: no buffering, and a limit to waiting for the other side.
enum StreamingOptions {
  /// For an address' scheme and what is sent there.
  static func of(_ scheme: String, _ muxer: String) -> [(String, String)] {
    var options: [(String, String)] = []
    if muxer == "mpegts" { options.append(("muxdelay", "0")) }
    switch scheme {
    // Whole transport packets in datagrams that Ethernet does not split.
    case "udp": options.append(("pkt_size", "1316"))
    case "tcp", "rtmp", "rtmps", "http", "https": options.append(("rw_timeout", "15000000"))
    case "rtsp", "rtsps": options.append(("rtsp_transport", "tcp"))
    default: break
    }
    return options
  }
}
