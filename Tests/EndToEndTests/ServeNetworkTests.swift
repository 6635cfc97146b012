import Foundation
import TestSupport
import Testing

private let hasServer =
  (try? run("/usr/bin/python3", ["-c", "import gi; gi.require_version('GstRtspServer', '1.0')"]))?.status == 0
private let hasBroker = FileManager.default.isExecutableFile(atPath: "/usr/sbin/mosquitto")

/// The service beside real servers: GStreamer's for RTSP, mosquitto, a web server.
@Suite struct ServeNetworkTests {
  private func servers(_ name: String) -> String {
    TestData.root.appendingPathComponent("Tests/Fixtures/Servers/\(name)").path
  }

  private func cameras(_ service: ViewProcess) -> [String: [String: Any]] {
    let all = service.json("/v1/cameras")["cameras"] as? [[String: Any]] ?? []
    return Dictionary(all.map { ($0["name"] as? String ?? "", $0) }) { $1 }
  }

  private func frames(_ name: String, _ service: ViewProcess) -> Int {
    (cameras(service)[name]?["recording"] as? [String: Any])?["frames"] as? Int ?? 0
  }

  private func wait(_ service: ViewProcess, _ what: String, until isTrue: () -> Bool) throws {
    try #require(service.wait { isTrue() ? true : nil } == true, "\(what): \(service.said)")
  }

  private func streams(_ file: URL) throws -> [String] {
    try text(of: ["ffprobe", "-v", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0", file.path])
      .split(separator: "\n").map { String($0.prefix { $0 != "," }) }
  }

  /// Two cameras on one server, over TCP and UDP, with sound that mp4 holds and sound that it does not; a wrong password and a wrong
  /// address are told apart; the server is killed and comes back.
  @Test(.enabled(if: hasServer, "GStreamer's RTSP server is missing (make setup)"))
  func rtspCamerasAreRecordedAndComeBack() throws {
    try TestData.withTemporaryFolder { folder in
      let port = try HelperProcess.freePort()
      for (name, text) in [("right", "p@ss:w/rd"), ("wrong", "nothing")] {
        try text.write(to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
      }
      func camera(_ name: String, _ path: String, _ password: String, _ rest: String = "") -> String {
        "[[camera]]\nname = \"\(name)\"\nsource = \"rtsp://127.0.0.1:\(port)/\(path)\"\nuser = \"viewer\"\nsaliency = \"none\"\n"
          + "password = \"file:\(folder.path)/\(password)\"\nrecord_when = \"always\"\nsegment = \"1h\"\ntimeout = \"3s\"\n\(rest)"
      }
      let file = try configure(
        folder,
        camera("aac", "aac", "right") + camera("g711", "g711", "right", "transport = \"udp\"\n")
          + camera("refused", "h264", "wrong") + camera("nowhere", "none", "right"))
      let arguments = [servers("rtsp-server.py"), "\(port)", "viewer", "p@ss:w/rd"]
      var server: HelperProcess? = try HelperProcess("/usr/bin/python3", arguments)
      let service = try ViewProcess(serving: file)
      try wait(service, "both are recorded") { frames("aac", service) > 30 && frames("g711", service) > 30 }
      try wait(service, "the others say why not") {
        ["refused", "nowhere"].allSatisfy { cameras(service)[$0]?["problem"] is String }
      }
      let problems = ["refused", "nowhere"].map { cameras(service)[$0]?["problem"] as? String ?? "" }
      #expect(problems[0].contains("the server refuses this name and password"), "\(problems)")
      #expect(problems[1].contains("the server has nothing at this address"), "\(problems)")
      #expect(
        !problems.joined().contains("nothing;") && !service.said.contains("p@ss") && !service.said.contains("p%40ss"))
      server?.stop()
      server = nil
      try wait(service, "they are lost") { cameras(service)["aac"]?["problem"] is String }
      let before = frames("aac", service)
      server = try HelperProcess("/usr/bin/python3", arguments)
      try wait(service, "they come back") { frames("aac", service) > before + 20 }
      service.stop()
      let found = FileManager.default.enumerator(
        at: folder.appendingPathComponent("state/recordings"), includingPropertiesForKeys: nil)?.compactMap {
          $0 as? URL
        }
      let movies = (found ?? []).filter { ["mp4", "mkv"].contains($0.pathExtension) }
      let aac = movies.filter { $0.path.contains("/aac/") }
      #expect(aac.count >= 2 && aac.allSatisfy { $0.pathExtension == "mp4" })
      for movie in aac { #expect(try streams(movie) == ["h264", "aac"]) }
      let g711 = try #require(movies.first { $0.path.contains("/g711/") })
      #expect(g711.pathExtension == "mkv")
      #expect(try streams(g711) == ["h264", "pcm_alaw"])
    }
  }

  /// HTTP cameras as cheap makes send them. The pictures have the times at which they came.
  @Test(arguments: ["usual", "dashes", "quoted", "nolength", "bare", "late", "endless"])
  func motionJPEGIsReadAsItIsSent(style: String) throws {
    try TestData.withTemporaryFolder { folder in
      try output(of: [
        "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=160x120", "-frames:v", "1",
        folder.appendingPathComponent("p.jpg").path,
      ])
      let server = try HelperProcess(
        "/usr/bin/python3", [servers("mjpeg-server.py"), folder.appendingPathComponent("p.jpg").path])
      let port = server.said.trimmingCharacters(in: .whitespacesAndNewlines)
      let result = try annotate(
        ["http://127.0.0.1:\(port)/\(style).mjpg", "out.mp4", "--duration", "0.7", "--no-retry"], in: folder)
      #expect(result.status == 0, "\(result.errors)")
      let times = try times(folder.appendingPathComponent("out.mp4"))
      #expect(times.count >= 3 && times == times.sorted() && Set(times).count == times.count)
      #expect(times.last ?? 9 < 2)
      server.stop()
    }
  }

  /// A server that stands still counts as lost after the stall time, and the camera goes on when it does.
  @Test(.enabled(if: hasServer, "GStreamer's RTSP server is missing (make setup)"))
  func aStalledStreamIsNoticed() throws {
    try TestData.withTemporaryFolder { folder in
      let port = try HelperProcess.freePort()
      let file = try configure(
        folder,
        "[[camera]]\nname = \"a\"\nsource = \"rtsp://127.0.0.1:\(port)/h264\"\nsaliency = \"none\"\nrecord = \"off\"\ntimeout = \"1s\"\n"
      )
      let server = try HelperProcess("/usr/bin/python3", [servers("rtsp-server.py"), "\(port)"])
      let service = try ViewProcess(serving: file)
      func captured() -> Int { cameras(service)["a"]?["captured"] as? Int ?? 0 }
      try wait(service, "it begins") { captured() > 10 }
      server.signal(SIGSTOP)
      try wait(service, "it is missed") {
        (cameras(service)["a"]?["problem"] as? String)?.contains("no data for 1") == true
      }
      server.signal(SIGCONT)
      try wait(service, "it goes on") {
        cameras(service)["a"]?["problem"] is NSNull && service.said.contains("is back")
      }
      service.stop()
    }
  }

  /// Begin and end of an event reach the broker; what is retained is there again after the broker was restarted.
  @Test(.enabled(if: hasBroker, "mosquitto is missing (make setup)"))
  func theBrokerIsTold() throws {
    try TestData.withTemporaryFolder { folder in
      let port = try HelperProcess.freePort()
      let settings = folder.appendingPathComponent("mosquitto.conf")
      try "listener \(port) 127.0.0.1\nallow_anonymous true\n".write(to: settings, atomically: true, encoding: .utf8)
      func broker() throws -> HelperProcess {
        try HelperProcess("/usr/sbin/mosquitto", ["-v", "-c", settings.path])
      }
      var server: HelperProcess? = try broker()
      let rule = "record = \"off\"\n[[camera.rule]]\nname = \"any\"\nclass = \"1\"\nconfidence = 0.0\n"
      let file = try configure(
        folder,
        "[mqtt]\nbroker = \"mqtt://127.0.0.1:\(port)\"\n[[camera]]\nname = \"a\"\nsource = \"synthetic:size=96x96,rate=10\"\nsaliency = \"none\"\n"
          + rule)
      /// What subscribers get, by topic.
      func heard(_ topic: String, _ count: Int) throws -> [String] {
        let result = try run(
          "mosquitto_sub", ["-p", "\(port)", "-t", topic, "-C", "\(count)", "-W", "60", "-v"])
        return result.text.split(separator: "\n").map(String.init)
      }
      let service = try ViewProcess(serving: file)
      #expect(try heard("fovea/status", 1) == ["fovea/status online"])
      #expect(try heard("fovea/a/any", 1).first?.hasPrefix("fovea/a/any O") == true)
      let discovery = try #require(try heard("homeassistant/#", 1).first)
      #expect(
        discovery.contains("binary_sensor/fovea_a_any/config") && discovery.contains(#""state_topic":"fovea/a/any""#))
      // The broker dies: the end of the event waits on the disk, and arrives at the next one.
      try wait(service, "an event") { ((service.json("/v1/events")["events"] as? [Any]) ?? []).count > 0 }
      server?.stop()
      server = nil
      try wait(service, "the loss is told") { service.said.contains("cannot be reached") }
      server = try broker()
      #expect(try heard("fovea/status", 1) == ["fovea/status online"])
      #expect(try heard("homeassistant/#", 1).count == 1)
      let listener = try HelperProcess(
        "/usr/bin/mosquitto_sub", ["-p", "\(port)", "-t", "fovea/#", "-v"])
      service.stop()
      for _ in 0..<600 where !listener.said.contains("fovea/status offline") { usleep(50_000) }
      #expect(listener.said.contains("fovea/status offline"), "\(listener.said)")
      // kill -9: the broker publishes the last will by itself.
      let again = try ViewProcess(serving: file)
      #expect(try heard("fovea/status", 1) == ["fovea/status online"])
      again.die()
      for _ in 0..<600 where try heard("fovea/status", 1) != ["fovea/status offline"] { usleep(50_000) }
      #expect(try heard("fovea/status", 1) == ["fovea/status offline"])
    }
  }

  /// A webhook that fails is tried again, and brings its token.
  @Test func webhooksArriveInTheEnd() throws {
    try TestData.withTemporaryFolder { folder in
      let (heard, token) = (folder.appendingPathComponent("heard"), folder.appendingPathComponent("token"))
      try "t0ken".write(to: token, atomically: true, encoding: .utf8)
      let server = try HelperProcess("/usr/bin/python3", [servers("webhook-server.py"), heard.path, "503", "200"])
      let port = server.said.trimmingCharacters(in: .whitespacesAndNewlines)
      let file = try configure(
        folder,
        "[webhook]\nurl = \"http://127.0.0.1:\(port)/x?secret=1\"\ntoken = \"file:\(token.path)\"\n[[camera]]\nname = \"a\"\nsaliency = \"none\"\n"
          + "source = \"synthetic:size=96x96,rate=10\"\nrecord = \"off\"\n[[camera.rule]]\nname = \"any\"\nclass = \"1\"\nconfidence = 0.0\n"
      )
      let service = try ViewProcess(serving: file)
      func lines() -> [String] {
        ((try? String(contentsOf: heard, encoding: .utf8)) ?? "").split(separator: "\n").map(String.init)
      }
      try wait(service, "the second attempt") { lines().count >= 2 }
      #expect(
        lines()[0] == lines()[1] && lines()[0].hasPrefix("Bearer t0ken {") && lines()[0].contains(#""type":"begin""#))
      #expect(service.said.contains("HTTP status 503") && !service.said.contains("secret=1"))
      service.stop()
    }
  }
}
