import Foundation
import TestSupport
import Testing

@Suite struct AnnotateTests {
  @Test(arguments: ["mp4", "mkv", "webm", "mov", "avi", "gif"]) func everyContainerHoldsEveryFrame(
    container: String
  ) throws {
    try TestData.withTemporaryFolder { folder in
      let out = folder.appendingPathComponent("out.\(container)")
      let result = try annotate(["synthetic:size=160x120,rate=25,frames=30", out.path])
      #expect(result.status == 0, "\(result.errors)")
      #expect(try frames(out, "pts").count == 30)
      #expect(result.errors.contains("30 frames in, 30 analysed, 30 written, 0 damaged packets"), "\(result.errors)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [out.lastPathComponent])
    }
  }

  @Test func soundTimesAndColourSurvive() throws {
    try TestData.withTemporaryFolder { folder in
      try makeClip(
        [
          "-f", "lavfi", "-i", "testsrc2=size=161x121:rate=24:duration=3", "-f", "lavfi", "-i",
          "sine=frequency=440:duration=3", "-vf", "select='mod(n,3)',setpts=PTS+1.5/TB,setsar=4/3", "-vsync", "vfr",
          "-pix_fmt", "yuv444p", "-color_range", "pc", "-colorspace", "bt709", "-c:a", "aac", "-metadata",
          "title=A clip", "in.mkv",
        ], in: folder)
      let (input, out) = (folder.appendingPathComponent("in.mkv"), folder.appendingPathComponent("out.mp4"))
      let result = try annotate([input.path, out.path, "--layer", "relu1", "--layout", "overlay"])
      #expect(result.status == 0, "\(result.errors)")
      #expect(try times(input) == times(out))
      #expect(try !audioHashes(input).isEmpty && audioHashes(input) == audioHashes(out))
      for entry in ["pix_fmt", "sample_aspect_ratio", "color_range", "color_space", "width", "height"] {
        #expect(try stream(input, entry) == stream(out, entry), "\(entry)")
      }
    }
  }

  /// AAC of transport streams has headers in its packets that mp4 does not want; the rest of each packet stays as it is.
  @Test(arguments: ["mp4", "mov", "mkv"]) func soundOfAnEncryptedPlaylist(container: String) throws {
    try TestData.withTemporaryFolder { folder in
      try makePlaylist(in: folder)
      let result = try annotate(["clip.m3u8", "out.\(container)"], in: folder)
      #expect(result.status == 0 && result.errors.contains("20 frames in"), "\(result.errors)")
      try makeClip(
        ["-allowed_extensions", "ALL", "-i", "clip.m3u8", "-c", "copy", "expected.\(container)"], in: folder)
      let (out, expected) = (
        folder.appendingPathComponent("out.\(container)"), folder.appendingPathComponent("expected.\(container)")
      )
      #expect(try !audioHashes(out).isEmpty && audioHashes(out) == audioHashes(expected))
    }
  }

  @Test func oneObjectPerFrame() throws {
    let result = try annotate([testPattern, "--json", "-", "--top", "3", "--every", "4"])
    #expect(result.status == 0, "\(result.errors)")
    let lines = result.text.split(separator: "\n")
    #expect(lines.count == 90)
    for (index, line) in lines.enumerated() {
      let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      #expect(object["frame"] as? Int == index)
      #expect(object["analysed"] as? Bool == (index % 4 == 0))
      let top = try #require(object["top"] as? [[String: Any]])
      #expect(top.count == 3)
      let confidences = top.compactMap { $0["confidence"] as? Double }
      #expect(confidences == confidences.sorted(by: >))
    }
  }

  @Test func severalFramesAtATimeGiveTheSame() throws {
    let clip = "synthetic:size=160x120,rate=30,frames=11"
    func objects(_ options: [String]) throws -> [String] {
      let result = try annotate([clip, "--json", "-", "-q"] + options)
      #expect(result.status == 0, "\(result.errors)")
      return try result.text.split(separator: "\n").map { line in
        var object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        object["timing"] = nil
        return String(decoding: try JSONSerialization.data(withJSONObject: object, options: .sortedKeys), as: UTF8.self)
      }
    }
    for every in ["1", "3"] {
      let single = try objects(["--every", every])
      #expect(single.count == 11)
      #expect(try objects(["--every", every, "--batch", "4"]) == single)
    }
    let refused = try annotate([clip, "--json", "-", "--batch", "2", "--saliency", "grad-cam"])
    expectRefusal(refused, status: 2, saying: ["--batch", "--saliency"])
  }

  @Test func activationsAreNumPyArrays() throws {
    try TestData.withTemporaryFolder { folder in
      let result = try annotate(
        ["synthetic:size=64x64,frames=5", "--layer", "relu1,relu2", "--activations", "a.npz"], in: folder)
      #expect(result.status == 0, "\(result.errors)")
      let listing = try run("unzip", ["-l", "a.npz"], in: folder).text
      #expect(listing.contains("relu1.npy") && listing.contains("relu2.npy") && listing.contains("pts.npy"))
    }
  }

  @Test func aPipeCarriesRawVideo() throws {
    let result = try shell(
      "fovea annotate \(testPattern) - --format y4m -q --model \(tinyModel) | ffprobe -v error -count_frames "
        + "-show_entries stream=nb_read_frames,width,height -of csv=p=0 -")
    #expect(result.text.trimmingCharacters(in: .whitespacesAndNewlines) == "160,120,90", "\(result.errors)")
  }

  @Test func aPipeIsRead() throws {
    let result = try shell(
      "ffmpeg -v error -f lavfi -i testsrc2=size=96x64:rate=10:duration=2 -f yuv4mpegpipe - | "
        + "fovea annotate - --json - -q --model \(tinyModel) | wc -l")
    #expect(result.text.trimmingCharacters(in: .whitespacesAndNewlines) == "20", "\(result.errors)")
  }

  @Test func pixelsOutsideOverlaysStayBitIdentical() throws {
    try TestData.withTemporaryFolder { folder in
      try makeClip(
        ["-f", "lavfi", "-i", "testsrc2=size=640x360:rate=5:duration=1", "-pix_fmt", "yuv420p", "in.y4m"], in: folder)
      let result = try annotate(["in.y4m", "out.y4m", "--format", "y4m", "--top", "1"], in: folder)
      #expect(result.status == 0, "\(result.errors)")
      let before = try Data(contentsOf: folder.appendingPathComponent("in.y4m"))
      let after = try Data(contentsOf: folder.appendingPathComponent("out.y4m"))
      // The lower quarter of the last frame's chroma, far from the panel.
      #expect(before.suffix(640 * 360 / 32) == after.suffix(640 * 360 / 32))
      #expect(before.suffix(640 * 360 * 3 / 2) != after.suffix(640 * 360 * 3 / 2))
    }
  }

  @Test func anInterruptedJobLeavesAPlayableFile() throws {
    try TestData.withTemporaryFolder { folder in
      let result = try shell(
        """
        fovea annotate synthetic:size=160x120,rate=30,frames=100000 out.mp4 --realtime --model \(tinyModel) &
        pid=$!
        for _ in $(seq 200); do [ -e out.partial.mp4 ] && [ $(stat -c %s out.partial.mp4) -gt 1000 ] && break; sleep 0.05; done
        kill -INT $pid; wait $pid; echo status $?
        """, in: folder)
      #expect(result.text.contains("status 130"), "\(result.text)\(result.errors)")
      let out = folder.appendingPathComponent("out.mp4")
      #expect(try frames(out, "pts").count > 0)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["out.mp4"])
    }
  }

  @Test func anInterruptedJobReplacesNothing() throws {
    try TestData.withTemporaryFolder { folder in
      let result = try shell(
        """
        echo complete > out.mp4
        fovea annotate synthetic:size=160x120,rate=30,frames=100000 out.mp4 -y --realtime --model \(tinyModel) &
        pid=$!
        for _ in $(seq 200); do [ -e out.partial.mp4 ] && [ $(stat -c %s out.partial.mp4) -gt 1000 ] && break; sleep 0.05; done
        kill -TERM $pid; wait $pid; echo status $?; cat out.mp4; ls
        """, in: folder)
      #expect(result.text.contains("status 143\ncomplete\n"), "\(result.text)\(result.errors)")
      #expect(result.text.contains("out.partial-2.mp4") && result.errors.contains("is in out.partial-2.mp4"))
      #expect(result.errors.contains("interrupted at frame"))
    }
  }

  @Test(arguments: ["mp4", "mkv"]) func aKilledJobLeavesAPlayablePart(container: String) throws {
    try TestData.withTemporaryFolder { folder in
      _ = try shell(
        """
        fovea annotate synthetic:size=160x120,rate=30,frames=100000 out.\(container) --model \(tinyModel) &
        pid=$!
        for _ in $(seq 400); do
          [ -e out.partial.\(container) ] && [ $(stat -c %s out.partial.\(container)) -gt 300000 ] && break; sleep 0.05
        done
        kill -KILL $pid; wait $pid
        """, in: folder)
      #expect(!FileManager.default.fileExists(atPath: folder.appendingPathComponent("out.\(container)").path))
      let partial = folder.appendingPathComponent("out.partial.\(container)")
      #expect(try frames(partial, "pts").count > 30)
    }
  }
}
