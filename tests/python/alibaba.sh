#!/bin/sh
# Both official clients of the vendor, unmodified, against the engine: alibaba.sh BINARY
set -eu
binary=$(realpath "${1:?usage: alibaba.sh BINARY}")
here=$(cd "$(dirname "$0")" && pwd)
. "$here/venv.sh"
. "$here/serve.sh"
python_with "alibabacloud_cloudapi20160714, aliyunsdkcloudapi" "$here/alibaba/requirements.txt"
served "$python" "$here/alibaba/all.py"
