import Foundation
import Frames
import TestSupport
import Testing

@testable import Capture

/// Clips of every kind made by the `ffmpeg` command, decoded by it and by us: counts, times and samples must agree.
@Suite struct FormatTests {
  struct Kind: CustomTestStringConvertible, Sendable {
    var file: String
    var arguments: String
    var size = "160x120"
    var format: String
    var testDescription: String { "\(file) \(arguments)" }

    init(_ file: String, _ arguments: String, size: String = "160x120", as format: String) {
      (self.file, self.arguments, self.size, self.format) = (file, arguments, size, format)
    }
  }

  static let kinds: [Kind] = [
    Kind("a.mp4", "-c:v libx264 -pix_fmt yuv420p", as: "yuv420p"),
    Kind("b.mp4", "-c:v libx264 -pix_fmt yuv422p10le -bf 3", as: "yuv422p10le"),
    Kind("c.mkv", "-c:v libx264 -pix_fmt yuv444p -qp 0", size: "161x121", as: "yuv444p"),
    Kind("d.mp4", "-c:v libx265 -x265-params log-level=none -pix_fmt yuv420p10le", as: "yuv420p10le"),
    Kind("e.webm", "-c:v libvpx -deadline realtime", size: "161x121", as: "yuv420p"),
    Kind("f.webm", "-c:v libvpx-vp9 -deadline realtime -pix_fmt yuv444p", size: "161x121", as: "yuv444p"),
    Kind("g.mkv", "-c:v libsvtav1 -preset 12 -pix_fmt yuv420p", as: "yuv420p"),
    Kind("h.ts", "-c:v mpeg2video -flags +ildct+ilme -top 1 -bf 2", as: "yuv420p"),
    Kind("i.avi", "-c:v mpeg4 -bf 2", as: "yuv420p"),
    Kind("j.avi", "-c:v mjpeg -pix_fmt yuvj422p", as: "yuv422p"),
    Kind("k.mov", "-c:v prores_ks -profile:v 3 -pix_fmt yuv422p10le", as: "yuv422p10le"),
    Kind("l.mov", "-c:v prores_ks -profile:v 4444 -pix_fmt yuva444p10le", as: "yuva444p12le"),
    Kind("m.mkv", "-c:v ffv1 -pix_fmt yuv444p16le", size: "161x121", as: "yuv444p16le"),
    Kind("n.mkv", "-c:v ffv1 -pix_fmt gray", size: "31x33", as: "gray"),
    Kind("o.mkv", "-c:v ffv1 -pix_fmt bgra", as: "bgra"),
    Kind("p.gif", "", as: "bgra"),
    Kind("q.apng", "-f apng -pix_fmt rgba", as: "rgba"),
    Kind("r.y4m", "-pix_fmt yuv411p", as: "yuv411p"),
    Kind("s.avi", "-c:v rawvideo -pix_fmt yuyv422", as: "yuyv422"),
    Kind("t.nut", "-c:v rawvideo -pix_fmt nv12", as: "nv12"),
    Kind("u.avi", "-c:v huffyuv -pix_fmt rgb24", as: "bgr0"),
    Kind("v.mkv", "-c:v dnxhd -profile:v dnxhr_hq -pix_fmt yuv422p", size: "256x128", as: "yuv422p"),
    Kind("w.mov", "-c:v qtrle", as: "rgb24"),
    Kind("x.mov", "-c:v png -pix_fmt rgb48be", as: "rgb48le"),
    Kind("y.mpg", "-c:v mpeg1video", as: "yuv420p"),
    Kind("z.flv", "-c:v flv", as: "yuv420p"),
    Kind("aa.wmv", "-c:v wmv2", as: "yuv420p"),
    Kind("ab.ogv", "-c:v libtheora -pix_fmt yuv420p", as: "yuv420p"),
    Kind("ac.mkv", "-c:v jpeg2000 -pix_fmt rgb24", as: "rgb24"),
    Kind("ad.nut", "-c:v rawvideo -pix_fmt pal8", as: "rgba"),
    Kind("ae.nut", "-c:v rawvideo -pix_fmt rgb565le", as: "rgb24"),
    Kind("af.nut", "-c:v rawvideo -pix_fmt monob", as: "gray"),
    Kind("ah.mov", "-c:v v210", as: "yuv422p10le"),
    Kind("ai.avi", "-c:v utvideo -pix_fmt gbrap", as: "gbrap"),
    Kind("aj.dv", "-c:v dvvideo -s 720x576 -r 25 -pix_fmt yuv420p", as: "yuv420p"),
    Kind("ak.mkv", "-c:v snow -strict -2 -pix_fmt yuv410p", as: "yuv410p"),
    Kind("al.h264", "-c:v libx264 -bf 2 -pix_fmt yuv420p", as: "yuv420p"),
    Kind("am.mjpeg", "-c:v mjpeg -pix_fmt yuvj420p", as: "yuv420p"),
    Kind("ap.nut", "-c:v rawvideo -pix_fmt gray16be", as: "gray16le"),
    Kind("aq.nut", "-c:v rawvideo -pix_fmt ya8", as: "ya8"),
    Kind("ar.webm", "-c:v libvpx-vp9 -deadline realtime -pix_fmt yuva420p", as: "yuva420p"),
  ]

  @Test(arguments: kinds) func decodesAsFFmpegDoes(kind: Kind) throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appendingPathComponent(kind.file)
      try Reference.make(
        path, "-f lavfi -i testsrc2=size=\(kind.size):rate=30000/1001:duration=0.4,format=yuv444p \(kind.arguments)")
      let decoded = try decode(path.path)
      #expect(decoded.format.pixelFormat.name == kind.format)
      let times = try Reference.times(path.path)
      #expect(decoded.times.count == times.count)
      // Where a stream has no time stamps, ours still rise.
      #expect(zip(decoded.times, times).allSatisfy { $1 == nil || $0 == $1 })
      #expect(zip(decoded.times, decoded.times.dropFirst()).allSatisfy { ($0 ?? .max) < ($1 ?? .min) })
      #expect("\(decoded.format.width)x\(decoded.format.height)" == kind.size || kind.file == "aj.dv")
      let samples = try Reference.samples(
        path.path, decoded.format, decoder: kind.file == "ar.webm" ? "libvpx-vp9" : nil,
        isJPEGPicture: kind.file == "am.mjpeg")
      #expect(!samples.isEmpty && decoded.samples == samples)
      #expect(decoded.counters.damagedPackets == 0)
    }
  }
}
