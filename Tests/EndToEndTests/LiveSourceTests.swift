import Foundation
import TestSupport
import Testing

/// Streams that a sender pushes, with sound: it begins with the picture, and nothing is lost at the end.
@Suite struct LiveSourceTests {
  /// What `ffmpeg` sends: so many seconds of picture and sound.
  private func sender(_ codec: String, _ seconds: Int, to address: String, pace: String = "") -> String {
    """
    ffmpeg -v error -nostdin \(pace) -f lavfi -i testsrc2=size=96x64:rate=25:duration=\(seconds) \
    \(pace) -f lavfi -i sine=duration=\(seconds) -c:v libx264 -preset ultrafast -g 25 -c:a \(codec) -f mpegts '\(address)'
    """
  }

  /// When the first packet of a stream begins and the last one ends.
  private func span(_ file: URL, _ stream: String) throws -> (first: Double, end: Double) {
    let lines = try text(of: [
      "ffprobe", "-v", "error", "-select_streams", stream, "-show_entries", "packet=pts_time,duration_time", "-of",
      "csv=p=0", file.path,
    ]).split(separator: "\n")
    // A picture's duration may not be told.
    let packets = lines.map { $0.split(separator: ",").compactMap { Double($0) } }.filter { !$0.isEmpty }
    return (packets.map { $0[0] }.min() ?? -1, packets.map { $0[0] + ($0.count > 1 ? $0[1] : 0.04) }.max() ?? -1)
  }

  private func check(_ file: URL, seconds: Double) throws {
    let (picture, sound) = try (span(file, "v:0"), span(file, "a:0"))
    #expect(abs(sound.first - picture.first) < 0.05, "\(sound.first) \(picture.first)")
    #expect(abs(picture.end - picture.first - seconds) < 0.02, "\(picture)")
    // The last packet of sound ends behind the last picture, or as near as a packet is long.
    #expect(-0.03 < sound.end - picture.end && sound.end - picture.end < 0.12, "\(sound.end) \(picture.end)")
  }

  /// The sender closes the connection when all is sent.
  @Test(arguments: ["mp2", "aac", "ac3"], ["mp4", "mkv"]) func aConnectionThatEnds(codec: String, container: String)
    throws
  {
    try TestData.withTemporaryFolder { folder in
      let result = try shell(
        """
        address=tcp://127.0.0.1:$((20000 + RANDOM % 12000))
        \(sender(codec, 3, to: "'$address'?listen=1")) & sender=$!
        for _ in $(seq 200); do
          timeout -k 1 60 fovea annotate $address out.\(container) --no-retry --model \(tinyModel) 2> errors; status=$?
          grep -q 'nothing listens' errors || break
          sleep 0.05
        done
        cat errors >&2; kill $sender; exit $status
        """, in: folder)
      #expect(result.status == 0 && result.errors.contains("75 frames in, 75 analysed, 75 written"), "\(result.errors)")
      try check(folder.appendingPathComponent("out.\(container)"), seconds: 3)
    }
  }

  /// The sender begins when the port is open, and goes on for longer than is wanted.
  private func receive(_ codec: String, _ seconds: Int, _ arguments: String, in folder: URL) throws -> CommandResult {
    try shell(
      """
      port=$((20000 + RANDOM % 12000)); address=udp://127.0.0.1:$port
      timeout -k 1 60 fovea annotate $address \(arguments) --model \(tinyModel) & receiver=$!
      until grep -qi ":$(printf %04X $port) " /proc/net/udp; do kill -0 $receiver || exit 99; sleep 0.02; done
      \(sender(codec, seconds, to: "'$address'?pkt_size=1316", pace: "-re")) & sender=$!
      wait $receiver; status=$?; kill $sender; exit $status
      """, in: folder)
  }

  @Test(arguments: ["mp2", "aac", "ac3"], ["mp4", "mkv"]) func packetsForAWhile(codec: String, container: String) throws
  {
    try TestData.withTemporaryFolder { folder in
      let result = try receive(codec, 6, "out.\(container) --duration 1", in: folder)
      #expect(result.status == 0 && result.errors.contains("25 frames in, 25 analysed, 25 written"), "\(result.errors)")
      try check(folder.appendingPathComponent("out.\(container)"), seconds: 1)
    }
  }

  /// Packets have no end: silence is one, and what came before it is kept.
  @Test func packetsThatEnd() throws {
    try TestData.withTemporaryFolder { folder in
      let result = try receive("mp2", 1, "out.mkv --no-retry", in: folder)
      #expect(
        result.status == 1 && result.errors.contains("no data for 10.0 s; check that the sender runs"),
        "\(result.errors)")
      try check(folder.appendingPathComponent("out.mkv"), seconds: 1)
    }
  }
}
