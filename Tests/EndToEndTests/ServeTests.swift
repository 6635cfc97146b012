import Capture
import Foundation
import Frames
import TestSupport
import Testing

/// `fovea serve` from its configuration to its files.
@Suite struct ServeTests {
  private func camera(
    _ name: String, _ rest: String = "record = \"off\"\n", source: String = "synthetic:size=128x96,rate=20"
  )
    -> String
  {
    "[[camera]]\nname = \"\(name)\"\nsource = \"\(source)\"\nsaliency = \"none\"\n\(rest)"
  }

  /// What `/v1/cameras` says of a camera.
  private func camera(_ name: String, of service: ViewProcess) -> [String: Any]? {
    (service.json("/v1/cameras")["cameras"] as? [[String: Any]])?.first { $0["name"] as? String == name }
  }

  private func captured(_ name: String, of service: ViewProcess) -> Int {
    camera(name, of: service)?["captured"] as? Int ?? 0
  }

  private func waitForFrames(_ count: Int, of name: String, _ service: ViewProcess) throws {
    try #require(service.wait { captured(name, of: service) >= count ? true : nil } == true, "\(service.said)")
  }

  /// The files below the storage with this ending.
  private func files(_ folder: URL, _ ending: String) -> [URL] {
    let walker = FileManager.default.enumerator(
      at: folder.appendingPathComponent("state"), includingPropertiesForKeys: nil)
    return (walker?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == ending }.sorted { $0.path < $1.path }
  }

  private func frames(in file: URL) throws -> Int {
    let source = try openSource(SourceAddress(file.path), options: SourceOptions())
    let frame = Frame(source.format)
    var count = 0
    while try source.read(into: frame) { count += 1 }
    return count
  }

  @Test func aWrongConfigurationEndsWith78AndTellsAllFaults() throws {
    try TestData.withTemporaryFolder { folder in
      let file = try configure(
        folder,
        camera("a", "gate = \"stil\"\nlayr = \"x\"\n")
          + camera("b", "[[camera.rule]]\nname = \"r\"\nclass = \"x\"\nconfidence = 2\n"))
      for arguments in [["serve", "--check"], ["serve"], ["reload"]] {
        let result = try fovea(arguments + ["--config", file.path])
        #expect(result.status == 78, "\(result.errors)")
        for part in [
          "line 11, column 8: 'gate'", "line 12, column 1: there is no key 'layr' in [[camera]]; did you mean 'layer'?",
          "'confidence'", "3 faults",
        ] {
          #expect(result.errors.contains(part), "\(part): \(result.errors)")
        }
      }
      let missing = try fovea(["serve", "--config", "/nowhere/fovea.toml"])
      #expect(missing.status == 78 && missing.errors.contains("/nowhere/fovea.toml"))
    }
  }

  /// What only the model shows: classes, layers, targets.
  @Test func theModelIsAskedToo() throws {
    try TestData.withTemporaryFolder { folder in
      let file = try configure(
        folder,
        camera(
          "a",
          "layer = \"nowhere\"\ntarget = \"nothing such\"\n[[camera.rule]]\nname = \"r\"\nclass = \"no such class\"\n"))
      let result = try fovea(["serve", "--check", "--config", file.path])
      #expect(result.status == 78)
      for part in ["no layer 'nowhere'", "no class 'nothing such'", "no class 'no such class'"] {
        #expect(result.errors.contains(part), "\(part): \(result.errors)")
      }
    }
  }

  /// Every frame is accounted for, segments are complete, and SIGTERM finishes the last one.
  @Test func camerasAreRecordedFrameByFrame() throws {
    try TestData.withTemporaryFolder { folder in
      let recorded = "record = \"annotated\"\nrecord_when = \"always\"\nsegment = \"1s\"\n"
      let file = try configure(
        folder, camera("a", recorded) + camera("b", recorded, source: "synthetic:size=96x96,rate=10"))
      let service = try ViewProcess(serving: file)
      try waitForFrames(50, of: "a", service)
      try waitForFrames(20, of: "b", service)
      for name in ["a", "b"] {
        let report = try #require(camera(name, of: service))
        let skipped = (report["skipped"] as? [String: Int])?.values.reduce(0, +) ?? 0
        let known = (report["analysed"] as? Int ?? 0) + skipped + (report["dropped"] as? Int ?? 0)
        let captured = report["captured"] as? Int ?? 0
        #expect((captured - 3...captured + 3).contains(known), "\(report)")
      }
      service.signal(SIGTERM)
      #expect(service.stop() == 0, "\(service.said)")
      let movies = files(folder, "mp4")
      #expect(
        movies.filter { $0.path.contains("/a/") }.count >= 2 && movies.filter { $0.path.contains("/b/") }.count >= 2)
      #expect(!movies.contains { $0.path.contains(".partial") })
      let said = service.said
      for name in ["a", "b"] {
        let written = try movies.filter { $0.path.contains("/\(name)/") }.reduce(0) { try $0 + frames(in: $1) }
        let told = try #require(said.firstMatch(of: try Regex("recordings of \(name) is complete: ([0-9]+) frames")))
        #expect(Int(told.output[1].substring ?? "") == written)
      }
      #expect(files(folder, "jsonl").count >= 4)
    }
  }

  /// A file's own packets go to the recording without being encoded: the same bytes come out of the decoder.
  @Test func sourceRecordingsHoldTheSourcesOwnPackets() throws {
    try TestData.withTemporaryFolder { folder in
      try makeClip(
        [
          "-f", "lavfi", "-i", "testsrc=size=160x120:rate=20:duration=3", "-c:v", "libx264", "-g", "20", "-pix_fmt",
          "yuv420p", "a.mp4",
        ],
        in: folder)
      let clip = folder.appendingPathComponent("a.mp4").path
      let file = try configure(
        folder, camera("a", "record_when = \"always\"\nsegment = \"1h\"\n", source: clip))
      let service = try ViewProcess(serving: file)
      try waitForFrames(75, of: "a", service)
      service.stop()
      let first = try #require(files(folder, "mp4").first)
      let hashes = try [clip, first.path].map {
        try text(of: ["ffmpeg", "-v", "error", "-i", $0, "-map", "0:v", "-frames:v", "60", "-f", "framemd5", "-"])
          .split(separator: "\n").filter { !$0.hasPrefix("#") }.map {
            $0.split(separator: ",").last.map(String.init) ?? ""
          }
      }
      #expect(hashes[0].count == 60 && hashes[0] == hashes[1])
    }
  }

  /// A rule makes an event with its clip, its pictures and a row, which the API and the command give.
  @Test func rulesMakeEvents() throws {
    try TestData.withTemporaryFolder { folder in
      let rule = "before = \"1s\"\nafter = \"0s\"\n[[camera.rule]]\nname = \"any\"\nclass = \"1\"\nconfidence = 0.0\n"
      let file = try configure(folder, camera("a", rule))
      let service = try ViewProcess(serving: file)
      let begun = service.wait { (service.json("/v1/events")["events"] as? [[String: Any]])?.first }
      let event = try #require(begun, "\(service.said)")
      #expect(
        event["camera"] as? String == "a" && event["rule"] as? String == "any" && event["ended"] is NSNull
          || event["ended"] == nil)
      let id = try #require(event["id"] as? Int)
      #expect(service.get("/v1/events/\(id)/snapshot.jpg").body.starts(with: [0xFF, 0xD8]))
      #expect(service.get("/v1/events/\(id)/heat.jpg").body.starts(with: [0xFF, 0xD8]))
      #expect(service.get("/v1/events/99").status == 404 && service.get("/v1/events?sice=3").status == 400)
      // It lasts: it cannot be deleted yet.
      #expect(service.change("DELETE", "/v1/events/\(id)").status == 400)
      #expect(service.change("POST", "/v1/events/\(id)", #"{"protected": true}"#).json["protected"] as? Bool == true)
      try waitForFrames(60, of: "a", service)
      #expect(service.stop() == 0)
      let table = try fovea(["events", "--config", file.path])
      #expect(
        table.status == 0 && table.text.contains("any") && table.text.contains("events/"),
        "\(table.text)\(table.errors)")
      let lines = try fovea(["events", "--config", file.path, "--json"])
      let row = try #require(try JSONSerialization.jsonObject(with: lines.output) as? [String: Any])
      #expect(row["ended"] is Double && row["protected"] as? Bool == true)
      let clip = try #require(row["clip"] as? String)
      #expect(try frames(in: folder.appendingPathComponent("state/\(clip)")) >= 40)
    }
  }

  /// After kill -9 the unfinished recording plays, and the event that lasted has ended.
  @Test func aKillLosesSecondsAtMost() throws {
    try TestData.withTemporaryFolder { folder in
      let rule =
        "record = \"annotated\"\nrecord_when = \"always\"\n[[camera.rule]]\nname = \"any\"\nclass = \"1\"\nconfidence = 0.0\n"
      let file = try configure(folder, camera("a", rule))
      let service = try ViewProcess(serving: file)
      _ = service.wait { (service.json("/v1/events")["events"] as? [[String: Any]])?.first }
      try waitForFrames(100, of: "a", service)
      service.die()
      #expect(files(folder, "mp4").allSatisfy { $0.path.contains(".partial") })
      let again = try ViewProcess(serving: file)
      let all = files(folder, "mp4").filter { !$0.path.contains(".partial") }
      let longest = try all.map { try frames(in: $0) }.max() ?? 0
      // The fragments of a second, and what the encoder held.
      #expect(longest >= 70, "\(all)")
      let events = try #require(again.json("/v1/events")["events"] as? [[String: Any]])
      #expect(events.contains { ($0["cause"] as? String)?.contains("the service ended before the event did") == true })
      #expect(again.said.contains("was not complete when the service ended"))
      again.stop()
    }
  }

  /// A changed configuration: what is the same goes on, what is wrong changes nothing.
  @Test func reloadTouchesOnlyWhatChanged() throws {
    try TestData.withTemporaryFolder { folder in
      let file = try configure(folder, camera("a") + camera("b"))
      let service = try ViewProcess(serving: file)
      try waitForFrames(20, of: "a", service)
      try waitForFrames(20, of: "b", service)
      let before = captured("a", of: service)
      _ = try configure(folder, camera("a") + camera("c"))
      let applied = try fovea(["reload", "--config", file.path])
      #expect(applied.status == 0, "\(applied.errors)")
      #expect(camera("b", of: service) == nil && captured("a", of: service) >= before)
      try waitForFrames(5, of: "c", service)
      // The name of a class is only wrong for the model: the running service finds it.
      _ = try configure(folder, camera("a", "record = \"off\"\n[[camera.rule]]\nname = \"r\"\nclass = \"none such\"\n"))
      let refused = try fovea(["reload", "--config", file.path])
      #expect(refused.status == 78 && refused.errors.contains("none such"), "\(refused.errors)")
      #expect(camera("c", of: service) != nil)
      #expect((service.json("/v1/service")["problem"] as? String)?.contains("none such") == true)
      service.stop()
      let gone = try fovea(["reload", "--config", file.path])
      #expect(gone.status == 1 && gone.errors.contains("no service uses the folder"), "\(gone.errors)")
    }
  }

  /// Secrets come from files and are in nothing that the service says.
  @Test func secretsStaySecret() throws {
    try TestData.withTemporaryFolder { folder in
      let secret = "s3cr3t-\(UUID().uuidString)"
      try (secret + "\n").write(to: folder.appendingPathComponent("token"), atomically: true, encoding: .utf8)
      let source =
        "[[camera]]\nname = \"far\"\nsource = \"rtsp://127.0.0.1:1/live\"\nuser = \"u\"\npassword = \"file:\(folder.path)/token\"\nrecord = \"off\"\n"
      let file = try configure(
        folder,
        camera("a") + source + "[webhook]\nurl = \"http://127.0.0.1:1/x\"\ntoken = \"file:\(folder.path)/token\"\n")
      let service = try ViewProcess(serving: file)
      let problem = service.wait { camera("far", of: service)?["problem"] as? String }
      #expect(problem?.contains("rtsp://") == true, "\(String(describing: problem))")
      try waitForFrames(5, of: "a", service)
      let commandLine = try Data(contentsOf: URL(fileURLWithPath: "/proc/\(service.id)/cmdline"))
      let answers = ["/v1/cameras", "/v1/service", "/metrics", "/readyz", "/v1/events"].map { service.get($0).body }
      let all =
        answers.map { String(decoding: $0, as: UTF8.self) } + [
          service.said, String(decoding: commandLine, as: UTF8.self),
        ]
      for text in all { #expect(!text.contains(secret)) }
      #expect(service.get("/readyz").status == 503 && service.get("/healthz").status == 200)
      service.stop()
    }
  }

  /// Two services would write into the same files.
  @Test func aFolderHasOneService() throws {
    try TestData.withTemporaryFolder { folder in
      let file = try configure(folder, camera("a"))
      let service = try ViewProcess(serving: file)
      let second = try fovea(["serve", "--config", file.path])
      #expect(second.status == 1 && second.errors.contains("process \(service.id)"), "\(second.errors)")
      service.stop()
    }
  }

  /// Prometheus' own checker has nothing to say.
  @Test(
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/promtool"), "promtool is missing (make setup)"))
  func metricsAreAsPrometheusWantsThem() throws {
    try TestData.withTemporaryFolder { folder in
      let file = try configure(folder, camera("a", "record = \"annotated\"\nrecord_when = \"always\"\n"))
      let service = try ViewProcess(serving: file)
      try waitForFrames(20, of: "a", service)
      let metrics = folder.appendingPathComponent("metrics")
      try Data(service.get("/metrics").body).write(to: metrics)
      let check = try run("promtool", ["check", "metrics"], input: metrics)
      #expect(check.status == 0 && check.errors.isEmpty, "\(check.errors)\(check.text)")
      let text = try String(contentsOf: metrics, encoding: .utf8)
      for name in [
        "fovea_frames_total", "fovea_frames_skipped_total", "fovea_class_confidence", "fovea_activation_drift",
        "fovea_recorded_frames_total", "process_resident_memory_bytes",
      ] {
        #expect(text.contains(name), "\(name)")
      }
      service.stop()
    }
  }
}
